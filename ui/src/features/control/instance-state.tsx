/** How the instance is, and the orders of its life: start, pause, resume, stop. */
import { Pause, Play, RotateCw, Square, type LucideIcon } from "lucide-react";
import { useState, type ReactNode } from "react";

import type { Instance } from "@/api/shapes";
import { StateBadge } from "@/components/state-badge";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { TypedConfirmation } from "@/components/ui/dialog";
import { Age, Since } from "@/components/ui/time";
import { suitableFor } from "@/features/control/model";
import { conditionOf } from "@/lib/condition";
import { count } from "@/lib/format";
import type { Wish } from "@/lib/orders";
import { isFresh } from "@/lib/resources/network";

interface InstanceStateProps {
  exchange: string;
  instance: Instance | undefined;
  onOrder: (wish: Wish) => void;
}

type Life = "start" | "pause" | "resume" | "stop";
const LIFE: readonly {
  readonly type: Life;
  readonly title: string;
  readonly icon: LucideIcon;
  readonly hint: string;
}[] = [
  { type: "start", title: "Start", icon: Play, hint: "Claim the exchange and serve it" },
  { type: "pause", title: "Pause", icon: Pause, hint: "End feed and alerts, keep the claim" },
  { type: "resume", title: "Resume", icon: RotateCw, hint: "Go on, and catch up with what was missed" },
  { type: "stop", title: "Stop", icon: Square, hint: "End the session and give the claim back" },
];

export function InstanceState({ exchange, instance, onOrder }: InstanceStateProps) {
  const [isStopping, setStopping] = useState(false);
  const status = instance?.status ?? null;
  const isThere = instance?.liveness === "live" || instance?.liveness === "stale";
  const suitable = suitableFor(instance);
  const name = instance?.displayName ?? exchange;
  const order = (type: Life): void => {
    if (type === "stop") setStopping(true);
    else onOrder({ kind: "command", type, payload: {} });
  };
  return (
    <Card aria-label="Instance" className="p-4">
      <div className="flex items-center gap-2">
        <h2 className="text-sm font-semibold">{name}</h2>
        {status?.simulated === true && <Badge tone="simulated">simulated</Badge>}
        <span className="ml-auto">{instance !== undefined && <StateBadge condition={conditionOf(instance)} />}</span>
      </div>
      {status === null ? (
        <p className="mt-2 text-xs text-muted">
          No instance tells of itself here. An order is heard only by one that runs.
        </p>
      ) : (
        <dl className="live mt-3 grid grid-cols-3 gap-x-4 gap-y-1 text-xs">
          <Fact name={isThere ? `In ${status.connectionState}` : "Was last"}>
            {isThere ? <Since at={status.lastStateChange} /> : status.connectionState}
          </Fact>
          <Fact name={isThere ? "Heartbeat" : "Last heartbeat"}>
            <Age at={status.lastHeartbeat} />
          </Fact>
          <Fact name="Symbols">{count(status.symbolCount)}</Fact>
        </dl>
      )}
      {isThere && status !== null && status.pausedBy !== null && (
        <p className="mt-3 rounded-md bg-warn/10 px-3 py-2 text-xs break-words text-warn">
          Paused by {status.pausedBy}
          {status.pausedAt !== null && (
            <>
              {" "}
              <Since at={status.pausedAt} /> ago
            </>
          )}
          . No candle is watched and no alert is raised.
        </p>
      )}
      {instance !== undefined && <Trouble instance={instance} />}
      <div role="group" aria-label="Life of the instance" className="mt-4 grid grid-cols-2 gap-2">
        {LIFE.map(({ type, title, icon: Icon, hint }) => {
          const isSuitable = suitable.has(type);
          const weight = type === "stop" ? "danger" : isSuitable && type !== "pause" ? "primary" : "plain";
          return (
            <Button
              key={type}
              weight={isSuitable ? weight : "quiet"}
              title={isSuitable ? hint : `${hint}. It is ${isThere ? status?.connectionState : "not there"} now.`}
              onClick={() => order(type)}
            >
              <Icon aria-hidden="true" /> {title}
              {type === "stop" && "…"}
            </Button>
          );
        })}
      </div>
      <TypedConfirmation
        title={`Stop ${name}`}
        word={exchange}
        deed="Stop it"
        isOpen={isStopping}
        onClose={() => setStopping(false)}
        onConfirm={() => onOrder({ kind: "command", type: "stop", payload: {} })}
      >
        The session ends and the claim on {name} is given back. No candle is watched and no alert is raised until
        somebody starts it again; what was missed is then caught up with, and its alerts are late.
      </TypedConfirmation>
    </Card>
  );
}

/** What is wrong now; what is over is told as the last error, with its time and without alarm. */
function Trouble({ instance }: { instance: Instance }) {
  const { problem, status } = instance;
  if (problem === null) return null;
  if (!isFresh(instance))
    return <p className="mt-3 rounded-md bg-warn/10 px-3 py-2 text-xs break-words text-warn">{problem}</p>;
  return (
    <p className="mt-3 text-xs break-words text-faint">
      Last error
      {status?.lastErrorAt !== null && status?.lastErrorAt !== undefined && (
        <>
          {" "}
          <Age at={status.lastErrorAt} />
        </>
      )}
      , over since: {problem}
    </p>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="truncate text-2xs text-faint">{name}</dt>
      <dd className="num truncate">{children}</dd>
    </div>
  );
}
