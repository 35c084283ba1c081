/** How far a command is: as one badge, and as the way it has gone with the time each step took. */
import { useQuery } from "@tanstack/react-query";

import { StateBadge } from "@/components/state-badge";
import { classes } from "@/lib/classes";
import type { Condition } from "@/lib/condition";
import { milliseconds } from "@/lib/format";
import { commandQuery, isOver, joined, type Command, type Step } from "@/lib/resources/commands";
import { useIsAdmin } from "@/lib/session";

const LOOKS: Readonly<Record<Step, Condition>> = {
  requested: { tone: "neutral", mark: "ring", word: "Requested" },
  heard: { tone: "busy", mark: "ring", word: "Acknowledged" },
  running: { tone: "busy", mark: "half", word: "Running" },
  done: { tone: "good", mark: "full", word: "Done" },
  failed: { tone: "bad", mark: "cross", word: "Failed" },
  refused: { tone: "bad", mark: "cross", word: "Refused" },
  unheard: { tone: "warn", mark: "dash", word: "Nobody listened" },
};

/** What a step is called. */
export function stepWord(step: Step): string {
  return LOOKS[step].word;
}

export function CommandBadge({ step }: { step: Step }) {
  return <StateBadge condition={LOOKS[step]} />;
}

/** The command as it stands now: while it is under way it is asked for again, as the stream can be lost. */
export function useFollowed(exchange: string, command: Command): Command {
  const isAdmin = useIsAdmin();
  const query = useQuery({
    ...commandQuery(exchange, command.correlationId),
    enabled: isAdmin && !isOver(command.step),
  });
  return query.data === undefined ? command : joined(command, query.data);
}

export function ProgressBar({ done, total, label }: { done: number; total: number; label: string }) {
  const share = total === 0 ? 0 : Math.min(1, done / total);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={done}
      className="h-1 overflow-hidden rounded-full bg-sunken"
    >
      <div
        className="h-full rounded-full bg-busy transition-[width] duration-500"
        style={{ width: `${share * 100}%` }}
      />
    </div>
  );
}

interface Stop {
  readonly word: string;
  readonly at: number | null;
  readonly isHere: boolean;
}

/** The stops of a command's way: those it has passed, with their times, and those still to come. */
export function wayOf(command: Command): readonly Stop[] {
  const { step } = command;
  const last = isOver(step) ? LOOKS[step].word : "Done";
  return [
    { word: "Requested", at: command.issuedAt, isHere: step === "requested" },
    { word: "Acknowledged", at: command.heardAt, isHere: step === "heard" },
    { word: "Running", at: command.beganAt, isHere: step === "running" },
    { word: last, at: command.endedAt, isHere: isOver(step) },
  ];
}

const POINTS: Readonly<Record<string, string>> = {
  good: "border-good bg-good",
  busy: "border-busy bg-busy ring-3 ring-busy/20",
  bad: "border-bad bg-bad",
  warn: "border-warn bg-warn",
  neutral: "border-muted bg-muted ring-3 ring-muted/20",
};

export function CommandWay({ command }: { command: Command }) {
  const stops = wayOf(command);
  const { tone } = LOOKS[command.step];
  return (
    <ol aria-label="Way of the command" className="flex">
      {stops.map((stop, at) => {
        const before = stops.slice(0, at).findLast((one) => one.at !== null)?.at ?? null;
        const isPassed = stop.at !== null || stop.isHere;
        return (
          <li
            key={stop.word}
            aria-current={stop.isHere ? "step" : undefined}
            className={classes("min-w-0", at < stops.length - 1 && "flex-1")}
          >
            <span className="flex items-center">
              <span
                aria-hidden="true"
                className={classes(
                  "size-2.5 shrink-0 rounded-full border border-line-strong bg-surface",
                  isPassed && "border-muted bg-muted",
                  stop.isHere && POINTS[tone],
                )}
              />
              {at < stops.length - 1 && (
                <span
                  aria-hidden="true"
                  className={classes("mx-1.5 h-px flex-1 bg-line-strong", isPassed && "bg-muted")}
                />
              )}
            </span>
            <span className={classes("block pt-1 text-2xs text-faint", stop.isHere && "font-medium text-text")}>
              {stop.word}
            </span>
            <span className="num block text-2xs text-faint">
              {stop.at === null ? "" : before === null ? "" : `+${milliseconds(Math.max(0, stop.at - before))}`}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
