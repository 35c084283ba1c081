/** One instance: where it is, how it is, and since when. */
import { ServerOff, Skull } from "lucide-react";
import type { ReactNode } from "react";

import type { Instance, Status } from "@/api/shapes";
import { StateBadge } from "@/components/state-badge";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Stepper } from "@/components/ui/stepper";
import { Age, Since } from "@/components/ui/time";
import { lagText, totalOf, warmupShare, wayOf } from "@/features/network/model";
import { classes } from "@/lib/classes";
import { conditionOf } from "@/lib/condition";
import { count, duration } from "@/lib/format";
import { isFresh } from "@/lib/resources/network";

export function InstanceCard({ instance }: { instance: Instance }) {
  const condition = conditionOf(instance);
  const { status } = instance;
  const isDead = instance.liveness === "dead";
  const isGone = instance.liveness === "offline" || instance.liveness === "never";
  return (
    <Card
      className={classes("flex flex-col", isDead && "border-bad/60", isGone && "border-dashed bg-transparent")}
      aria-label={`${instance.displayName}: ${condition.word}`}
    >
      <header className="flex items-center gap-2 px-4 pt-3.5">
        <h2 className="text-base font-semibold">{instance.displayName}</h2>
        {status?.simulated === true && <Badge tone="simulated">simulated</Badge>}
        <span className="ml-auto">
          <StateBadge condition={condition} />
        </span>
      </header>
      <div className="px-4 pt-4 pb-3">
        <Stepper label="State" {...wayOf(instance)} />
      </div>
      <Sorrow instance={instance} />
      <Warmup instance={instance} />
      <LastError instance={instance} />
      {status !== null && <Facts status={status} isPresent={!isDead && !isGone} />}
    </Card>
  );
}

function Sorrow({ instance }: { instance: Instance }) {
  const { liveness, status, displayName, lastHost } = instance;
  const where = lastHost === null ? "" : ` It ran on ${lastHost}.`;
  if (liveness === "dead") {
    return (
      <Note tone="bad" icon={<Skull aria-hidden="true" />}>
        Its heartbeat stopped without a goodbye{seen(instance)}.{where} Another instance can now claim {displayName}.
      </Note>
    );
  }
  if (liveness === "never") {
    return (
      <Note tone="off" icon={<ServerOff aria-hidden="true" />}>
        No instance has served {displayName} in the last 90 days.
      </Note>
    );
  }
  if (liveness === "offline") {
    return (
      <Note tone="off" icon={<ServerOff aria-hidden="true" />}>
        It left in order{seen(instance)}.{where} Nothing is being watched here.
      </Note>
    );
  }
  if (instance.problem === null || isFresh(instance)) return null;
  return <Note tone={status === null ? "bad" : "warn"}>{instance.problem}</Note>;
}

/** How long ago it was last seen: ticking where its status is still there, as the server said it where it is not. */
function seen({ status, seenAgo }: Instance): ReactNode {
  if (status !== null) {
    return (
      <>
        {" "}
        <Since at={status.lastHeartbeat} /> ago
      </>
    );
  }
  return seenAgo === null ? "" : ` ${duration(seenAgo)} ago`;
}

const NOTES = { bad: "bg-bad/8 text-bad", warn: "bg-warn/10 text-warn", off: "bg-hover text-muted" } as const;

function Note({ tone, icon, children }: { tone: keyof typeof NOTES; icon?: ReactNode; children: ReactNode }) {
  return (
    <p
      className={classes(
        "mx-4 mb-3 flex gap-2 rounded-md px-3 py-2 text-xs break-words [&_svg]:mt-px [&_svg]:size-3.5 [&_svg]:shrink-0",
        NOTES[tone],
      )}
    >
      {icon}
      <span className="min-w-0">{children}</span>
    </p>
  );
}

/** An error that is over: told without alarm, as the evidence of what was. */
function LastError({ instance }: { instance: Instance }) {
  const { status } = instance;
  if (!isFresh(instance) || status === null || status.lastError === null) return null;
  return (
    <p className="truncate px-4 pb-2 text-2xs text-faint" title={status.lastError}>
      Last error {status.lastErrorAt !== null && <Age at={status.lastErrorAt} />}, over since: {status.lastError}
    </p>
  );
}

function Warmup({ instance }: { instance: Instance }) {
  const share = warmupShare(instance);
  const warmup = instance.status?.warmup;
  if (share === null || warmup === null || warmup === undefined) return null;
  const eta = warmup.eta === null ? "" : ` · about ${duration(warmup.eta)} left`;
  return (
    <div className="px-4 pb-3">
      <p className="num mb-1.5 flex justify-between text-xs text-muted">
        <span>Warm-up</span>
        <span>{`${count(warmup.done)} of ${count(warmup.total)} requests${eta}`}</span>
      </p>
      <div
        role="progressbar"
        aria-label="Warm-up"
        aria-valuemin={0}
        aria-valuemax={warmup.total}
        aria-valuenow={warmup.done}
        className="h-1.5 overflow-hidden rounded-full bg-sunken"
      >
        <div
          className="h-full rounded-full bg-busy transition-[width] duration-500"
          style={{ width: `${share * 100}%` }}
        />
      </div>
    </div>
  );
}

function Facts({ status, isPresent }: { status: Status; isPresent: boolean }) {
  return (
    <dl className="live mt-auto grid grid-cols-2 gap-x-4 gap-y-2 border-t border-line px-4 py-3 text-xs sm:grid-cols-3">
      <Fact name={isPresent ? "Heartbeat" : "Last heartbeat"}>
        <Age at={status.lastHeartbeat} />
      </Fact>
      <Fact name={`In ${status.connectionState}`}>{isPresent ? <Since at={status.lastStateChange} /> : "–"}</Fact>
      <Fact name="Symbols">{count(status.symbolCount)}</Fact>
      <Fact name="Feed">{isPresent ? <FeedWord status={status} /> : "–"}</Fact>
      <Fact
        name="Exchange lag"
        hint="The middle and the slowest hundredth: from the exchange's instant of its news to their arrival here"
      >
        {isPresent ? lagText(status.lags?.exchange, status.lag?.exchangeMs) : "–"}
      </Fact>
      <Fact
        name="Own lag"
        hint="The middle and the slowest hundredth: from the arrival of what closed a candle to the store's answer"
      >
        {isPresent ? lagText(status.lags?.own, status.lag?.ownMs) : "–"}
      </Fact>
      <Today status={status} />
      <Fact name="Epoch" hint="How often the exchange has been claimed; an older one can write nothing">
        {count(status.epoch)}
      </Fact>
      <Fact name="Up">{isPresent ? <Since at={status.registeredAt} /> : "–"}</Fact>
      <Fact name="Admin">
        <span title={status.adminEmail ?? ""}>{status.adminDisplayName ?? status.adminEmail ?? "–"}</span>
      </Fact>
      <Fact name="Host">{status.hostname}</Fact>
      <Fact name="Address">{status.ipAddress ?? (status.simulated ? "none: simulated" : "not known")}</Fact>
      <Fact name="Version">{status.version}</Fact>
    </dl>
  );
}

function FeedWord({ status }: { status: Status }) {
  const reasons = status.feedReasons.join("; ");
  return (
    <span title={reasons} className={status.feedState === "live" ? "" : "text-warn"}>
      {status.feedState}
      {reasons !== "" && `: ${reasons}`}
    </span>
  );
}

/** What was done since midnight UTC by the market's clock, or since the process is there. */
function Today({ status: { today } }: { status: Status }) {
  if (today === null || today === undefined) return null;
  return (
    <>
      <Fact name="Candles today" hint="Closed since midnight UTC, or since it is there">
        {count(totalOf(today.candles))}
      </Fact>
      <Fact
        name="Alerts today"
        hint={Object.entries(today.alerts)
          .map((one) => one.join(" "))
          .join(", ")}
      >
        {count(totalOf(today.alerts))}
      </Fact>
      <Fact
        name="Asked · corrected"
        hint="Stretches that the feed did not explain, asked of the exchange's history; closed candles put right"
      >
        {count(today.gaps)} · {count(today.corrections)}
      </Fact>
    </>
  );
}

interface FactProps {
  name: string;
  children: ReactNode;
  hint?: string;
}

function Fact({ name, children, hint }: FactProps) {
  return (
    <div className="min-w-0" title={hint}>
      <dt className="truncate text-2xs text-faint">{name}</dt>
      <dd className="num truncate">{children}</dd>
    </div>
  );
}
