/** The condition of an instance as a mark and a word. */
import { Badge } from "@/components/ui/badge";
import { classes } from "@/lib/classes";
import type { Condition, Mark } from "@/lib/condition";

const MARKS: Readonly<Record<Mark, string>> = {
  full: "M6 1.5a4.5 4.5 0 110 9 4.5 4.5 0 010-9z",
  half: "M6 1.5a4.5 4.5 0 110 9 4.5 4.5 0 010-9zm0 1.6v5.8a2.9 2.9 0 000-5.8z",
  ring: "M6 1.5a4.5 4.5 0 110 9 4.5 4.5 0 010-9zm0 1.6a2.9 2.9 0 100 5.8 2.9 2.9 0 000-5.8z",
  cross: "M3 1.8L6 4.7l3-2.9L10.2 3 7.3 6l2.9 3L9 10.2 6 7.3 3 10.2 1.8 9l2.9-3-2.9-3z",
  dash: "M2 5h8v2H2z",
};

const COLOURS = {
  good: "text-good",
  busy: "text-busy",
  warn: "text-warn",
  bad: "text-bad",
  off: "text-off",
  simulated: "text-simulated",
  accent: "text-accent",
  neutral: "text-muted",
} as const;

export function StateDot({ condition, isBeating = false }: { condition: Condition; isBeating?: boolean }) {
  return (
    <svg
      viewBox="0 0 12 12"
      aria-hidden="true"
      className={classes(
        "size-3 shrink-0",
        COLOURS[condition.tone],
        isBeating && "animate-[pulse_3s_ease-in-out_infinite]",
      )}
    >
      <path d={MARKS[condition.mark]} fill="currentColor" fillRule="evenodd" />
    </svg>
  );
}

export function StateBadge({ condition }: { condition: Condition }) {
  return (
    <Badge tone={condition.tone}>
      <StateDot condition={condition} />
      {condition.word}
    </Badge>
  );
}
