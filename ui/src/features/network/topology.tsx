/** One line: from the exchange through the instance and Valkey to who listens; a broken link is drawn broken. */
import type { Instance } from "@/api/shapes";
import { StateDot } from "@/components/state-badge";
import { classes } from "@/lib/classes";
import { conditionOf } from "@/lib/condition";
import { isFresh } from "@/lib/resources/network";

export function Topology({ instances, isLinked }: { instances: readonly Instance[]; isLinked: boolean }) {
  return (
    <div
      role="img"
      aria-label={`From the exchanges to this screen: ${instances.map((one) => `${one.displayName} ${conditionOf(one).word}`).join(", ")}; this screen is ${isLinked ? "" : "not "}live`}
      className="hidden items-stretch gap-0 md:flex"
    >
      <ul className="w-64 shrink-0 space-y-1.5">
        {instances.map((instance) => (
          <li key={instance.exchangeId} className="flex h-7 items-center gap-2 text-xs">
            <span className="w-20 truncate text-muted">{instance.displayName}</span>
            <Wire isWhole={isFresh(instance)} />
            <span className="flex w-28 items-center gap-1.5 rounded-md border border-line bg-raised px-2 py-1">
              <StateDot condition={conditionOf(instance)} />
              <span className="truncate">{instance.status?.hostname ?? "nobody"}</span>
            </span>
          </li>
        ))}
      </ul>
      <Joint />
      <Node title="Valkey" note="the market, now" />
      <Wire isWhole />
      <Node title="Server" note="API and stream" />
      <Wire isWhole={isLinked} />
      <Node title="This screen" note={isLinked ? "live" : "not live"} />
    </div>
  );
}

function Joint() {
  return <span className="my-3.5 w-3 shrink-0 rounded-r-md border-y border-r border-line-strong" />;
}

function Node({ title, note }: { title: string; note: string }) {
  return (
    <span className="my-auto shrink-0 rounded-md border border-line bg-raised px-3 py-1.5 text-xs">
      {title} <span className="text-faint">{note}</span>
    </span>
  );
}

function Wire({ isWhole }: { isWhole: boolean }) {
  return (
    <span
      className={classes("my-auto h-0 min-w-4 flex-1 border-t", isWhole ? "border-good" : "border-dashed border-bad")}
    />
  );
}
