/** A command as an object: what, by whom, when, how far, how long, and what came of it. */
import { ChevronRight, Repeat } from "lucide-react";
import type { ReactNode } from "react";

import { CommandBadge, CommandWay, ProgressBar, useFollowed } from "@/components/command-state";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { FullTime, ListTime, Since } from "@/components/ui/time";
import { gistOf, lastedOf, outcomeOf, titleOf } from "@/features/control/model";
import { CommandSteps } from "@/features/control/steps";
import { classes } from "@/lib/classes";
import type { Ordered, Wish } from "@/lib/orders";
import { hasFailed, isOver, type Command, type CommandType } from "@/lib/resources/commands";

const LINE =
  "grid w-full grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-3 gap-y-0.5 px-4 py-2 text-left md:grid-cols-[auto_minmax(0,1fr)_9rem_6.5rem_4.5rem_8.5rem]";

interface CommandRowProps {
  exchange: string;
  command: Command;
  isOpen: boolean;
  onToggle: (id: string) => void;
  onRepeat: (wish: Wish) => void;
}

export function CommandRow({ exchange, command: known, isOpen, onToggle, onRepeat }: CommandRowProps) {
  const command = useFollowed(exchange, known);
  const outcome = outcomeOf(command);
  const progress = command.progress ?? null;
  return (
    <li>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => onToggle(command.correlationId)}
        className={classes(LINE, "hover:bg-hover/60", isOpen && "bg-hover/60")}
      >
        <ChevronRight
          aria-hidden="true"
          className={classes("size-4 text-faint transition-transform", isOpen && "rotate-90")}
        />
        <span className="min-w-0">
          <span className="flex min-w-0 items-baseline gap-2">
            <span className="text-sm font-medium whitespace-nowrap">{titleOf(command.type)}</span>
            <span className="num min-w-0 truncate text-xs text-muted">{gistOf(command.payload)}</span>
          </span>
          {outcome !== "" && (
            <span className={classes("block truncate text-xs text-faint", hasFailed(command.step) && "text-bad")}>
              {outcome}
            </span>
          )}
        </span>
        <span className="order-last hidden truncate text-xs text-muted md:order-none md:block">
          {command.issuedBy ?? "unknown"}
        </span>
        <span className="hidden text-xs text-faint md:block">
          {command.issuedAt !== null && <ListTime at={command.issuedAt} />}
        </span>
        <span className="num hidden text-right text-xs text-muted md:block">
          {lastedOf(command) ??
            (command.issuedAt === null || isOver(command.step) ? "" : <Since at={command.issuedAt} />)}
        </span>
        <span className="justify-self-end">
          <CommandBadge step={command.step} />
        </span>
      </button>
      {progress !== null && !isOver(command.step) && (
        <div className="px-4 pb-2 pl-11">
          <ProgressBar done={progress.done} total={progress.total} label={`Progress of ${titleOf(command.type)}`} />
        </div>
      )}
      {isOpen && <CommandDetails exchange={exchange} command={command} onRepeat={onRepeat} />}
    </li>
  );
}

interface CommandDetailsProps {
  exchange: string;
  command: Command;
  onRepeat: (wish: Wish) => void;
}

function CommandDetails({ exchange, command, onRepeat }: CommandDetailsProps) {
  return (
    <div className="space-y-4 border-t border-line/70 bg-sunken/40 px-4 py-4 md:pl-11">
      <div className="max-w-xl">
        <CommandWay command={command} />
      </div>
      <CommandSteps exchange={exchange} command={command} />
      {command.error !== null && (
        <p role="note" className="rounded-md bg-bad/8 px-3 py-2 text-xs break-words text-bad">
          {command.error.message} <span className="num">({command.error.code})</span>
        </p>
      )}
      <dl className="grid gap-x-6 gap-y-2 text-xs sm:grid-cols-2">
        <Fact name="Requested">
          {command.issuedAt === null ? "unknown" : <FullTime at={command.issuedAt} />} by{" "}
          {command.issuedBy ?? "unknown"}
        </Fact>
        <Fact name="Taken by">
          {command.instanceId === null ? "no instance" : `instance ${command.instanceId}`}
          {command.epoch !== null && ` in epoch ${command.epoch}`}
        </Fact>
        <Fact name="Correlation id">
          <span className="font-mono">{command.correlationId}</span> <CopyButton text={command.correlationId} />
        </Fact>
        <Fact name="Priority">{command.priority ?? "unknown"}</Fact>
      </dl>
      <div className="grid gap-3 sm:grid-cols-2">
        <Document title="Payload" value={command.payload} none="It carries nothing." />
        <Document
          title="Result"
          value={command.details}
          none={isOver(command.step) ? "It says nothing of itself." : "It has not ended."}
        />
      </div>
      {command.type !== null && isOver(command.step) && (
        <Button
          size="small"
          onClick={() => onRepeat({ kind: "command", type: command.type as CommandType, payload: command.payload })}
          disabled={isDestructive(command.type)}
          title={isDestructive(command.type) ? "It has to be typed anew, on the left" : "As a new command of yours"}
        >
          <Repeat aria-hidden="true" /> Send again
        </Button>
      )}
    </div>
  );
}

function isDestructive(type: string): boolean {
  return type === "stop" || type === "clear-cache" || type === "remove-symbol";
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-2xs text-faint">{name}</dt>
      <dd className="num break-words">{children}</dd>
    </div>
  );
}

function Document({ title, value, none }: { title: string; value: Readonly<Record<string, unknown>>; none: string }) {
  const isEmpty = Object.keys(value).length === 0;
  return (
    <section className="min-w-0">
      <h3 className="mb-1 text-2xs text-faint">{title}</h3>
      {isEmpty ? (
        <p className="text-xs text-muted">{none}</p>
      ) : (
        <pre
          tabIndex={0}
          aria-label={title}
          className="max-h-56 overflow-auto rounded-md border border-line bg-surface p-2.5 font-mono text-2xs leading-4"
        >
          {JSON.stringify(value, null, 2)}
        </pre>
      )}
    </section>
  );
}

/** What this page has asked for and nobody has answered yet, or what was not taken. */
export function RequestRow({ ordered, onRepeat }: { ordered: Ordered; onRepeat: (wish: Wish) => void }) {
  const { order, problem } = ordered;
  const { wish } = order;
  if (wish.kind !== "command") return null;
  return (
    <li className="arrive">
      <div className={LINE}>
        <span className="size-4" />
        <span className="min-w-0">
          <span className="flex min-w-0 items-baseline gap-2">
            <span className="text-sm font-medium whitespace-nowrap">{titleOf(wish.type)}</span>
            <span className="num min-w-0 truncate text-xs text-muted">{gistOf(wish.payload)}</span>
          </span>
          <span className={classes("block text-xs break-words text-faint", problem !== null && "text-bad")}>
            {problem === null ? "Sent; no instance has acknowledged it yet" : problem.detail || problem.title}
          </span>
        </span>
        <span className="hidden text-xs text-muted md:block">you</span>
        <span className="hidden text-xs text-faint md:block">
          <ListTime at={order.at} />
        </span>
        <span className="hidden md:block">
          {problem !== null && (
            <Button size="small" weight="quiet" onClick={() => onRepeat(wish)}>
              <Repeat aria-hidden="true" /> Again
            </Button>
          )}
        </span>
        <span className="justify-self-end">
          <CommandBadge step={problem === null ? "requested" : problem.status === 503 ? "unheard" : "failed"} />
        </span>
      </div>
    </li>
  );
}
