/** What was asked for from this page, from "requested" to what became of each symbol. */
import { X } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";

import { CommandBadge, ProgressBar } from "@/components/command-state";
import { Button } from "@/components/ui/button";
import { verdictsOf, wishTitle } from "@/features/symbols/model";
import { classes } from "@/lib/classes";
import type { Ordered, Wish } from "@/lib/orders";
import { isOver, type Command } from "@/lib/resources/commands";
import { useIsAdmin } from "@/lib/session";

interface PendingProps {
  orders: readonly Ordered[];
  onOrder: (wish: Wish) => void;
  /** Told when an order has ended, or may have. */
  onEnd: () => void;
}

/** How often the list is looked at anew for somebody who may not follow commands, and for how long. */
const LOOK_EVERY_MS = 3000;
const LOOK_FOR_MS = 60_000;
/** How many orders are in sight at once; the control panel has all of them. */
const SHOWN = 4;

export function Pending({ orders, onOrder, onEnd }: PendingProps) {
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set());
  const rows = orders.filter(({ order }) => !dismissed.has(order.id)).slice(0, SHOWN);
  if (rows.length === 0) return null;
  const dismiss = (id: string): void => setDismissed((old) => new Set(old).add(id));
  return (
    <ol aria-label="What was asked for" className="divide-y divide-line/70 border-b border-line bg-raised/40">
      {rows.map((ordered) => (
        <li key={ordered.order.id} className="px-4 py-2 text-xs">
          {ordered.command === null ? (
            <Unanswered ordered={ordered} onOrder={onOrder} onDismiss={dismiss} />
          ) : (
            <Answered ordered={ordered} command={ordered.command} onDismiss={dismiss} onEnd={onEnd} />
          )}
        </li>
      ))}
    </ol>
  );
}

function Line({ children, id, onDismiss }: { children: ReactNode; id: string; onDismiss: (id: string) => void }) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      {children}
      <Button weight="quiet" size="small" aria-label="Put away" className="ml-auto px-1" onClick={() => onDismiss(id)}>
        <X aria-hidden="true" />
      </Button>
    </div>
  );
}

interface UnansweredProps {
  ordered: Ordered;
  onOrder: (wish: Wish) => void;
  onDismiss: (id: string) => void;
}

function Unanswered({ ordered: { order, problem }, onOrder, onDismiss }: UnansweredProps) {
  return (
    <Line id={order.id} onDismiss={onDismiss}>
      <CommandBadge step={problem === null ? "requested" : problem.status === 503 ? "unheard" : "failed"} />
      <span className="font-medium">{wishTitle(order.wish)}</span>
      <span className={classes("min-w-0 break-words text-muted", problem !== null && "text-bad")}>
        {problem === null ? "no instance has acknowledged it yet" : problem.detail || problem.title}
      </span>
      {problem !== null && (
        <Button size="small" onClick={() => onOrder(order.wish)}>
          Try again
        </Button>
      )}
    </Line>
  );
}

interface AnsweredProps {
  ordered: Ordered;
  command: Command;
  onDismiss: (id: string) => void;
  onEnd: () => void;
}

function Answered({ ordered: { order }, command, onDismiss, onEnd }: AnsweredProps) {
  useEnd(isOver(command.step), onEnd);
  const progress = command.progress ?? null;
  const verdicts = verdictsOf(command);
  const bad = verdicts.filter((one) => !one.isGood);
  const good = verdicts.length - bad.length;
  const summary = !isOver(command.step)
    ? (progress?.text ?? "an instance has it")
    : command.error !== null
      ? command.error.message
      : verdicts.length === 1
        ? verdicts[0]?.word
        : `${good} of ${verdicts.length} ${order.wish.kind === "remove" ? "removed" : "added"}`;
  return (
    <>
      <Line id={order.id} onDismiss={onDismiss}>
        <CommandBadge step={command.step} />
        <span className="font-medium">{wishTitle(order.wish)}</span>
        <span className={classes("num min-w-0 break-words text-muted", command.error !== null && "text-bad")}>
          {summary}
        </span>
      </Line>
      {progress !== null && !isOver(command.step) && (
        <div className="mt-1.5 max-w-md">
          <ProgressBar done={progress.done} total={progress.total} label={wishTitle(order.wish)} />
        </div>
      )}
      {verdicts.length > 1 && bad.length > 0 && (
        <ul className="mt-1 max-h-28 space-y-0.5 overflow-y-auto text-muted">
          {bad.map((one) => (
            <li key={one.symbol}>
              <span className="font-medium text-text">{one.symbol}</span> {one.word}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** Tell when it is over; to whom the end is never told, the list is looked at anew for a while. */
function useEnd(isEnded: boolean, onEnd: () => void): void {
  const isAdmin = useIsAdmin();
  const latest = useRef(onEnd);
  useEffect(() => {
    latest.current = onEnd;
  });
  useEffect(() => {
    if (isEnded) latest.current();
    if (isEnded || isAdmin) return;
    const look = setInterval(() => latest.current(), LOOK_EVERY_MS);
    const enough = setTimeout(() => clearInterval(look), LOOK_FOR_MS);
    return () => {
      clearInterval(look);
      clearTimeout(enough);
    };
  }, [isEnded, isAdmin]);
}
