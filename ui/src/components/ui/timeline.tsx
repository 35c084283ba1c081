/** What happened, one below the other, with the time that passed between. */
import type { ReactNode } from "react";

import { classes } from "@/lib/classes";
import type { Tone } from "@/lib/colours";

const DOTS: Readonly<Record<Tone, string>> = {
  good: "border-good bg-good",
  busy: "border-busy bg-busy",
  warn: "border-warn bg-warn",
  bad: "border-bad bg-bad",
  off: "border-off bg-off",
  simulated: "border-simulated bg-simulated",
  accent: "border-accent bg-accent",
  neutral: "border-muted bg-muted",
};

export function Timeline({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ol aria-label={label} className="relative">
      {children}
    </ol>
  );
}

interface TimelineStepProps {
  title: ReactNode;
  note?: ReactNode;
  /** The instant, or what stands in its place. */
  at: ReactNode;
  /** How long after the step before, or null at the first. */
  after: string | null;
  tone: Tone;
  /** A step that has not been taken yet is hollow. */
  isOpen?: boolean;
  children?: ReactNode;
}

export function TimelineStep({ title, note, at, after, tone, isOpen = false, children }: TimelineStepProps) {
  return (
    <li className="group grid grid-cols-[3.5rem_1rem_1fr] gap-x-2 sm:grid-cols-[4.5rem_1rem_1fr] sm:gap-x-2.5">
      <span className="num -mt-2.5 h-5 self-start text-right text-2xs leading-5 text-faint group-first:invisible">
        {after}
      </span>
      <span aria-hidden="true" className="relative flex justify-center">
        <span className="absolute inset-y-0 w-px bg-line-strong group-first:top-2.5 group-last:bottom-auto group-last:h-2.5" />
        <span
          className={classes(
            "relative mt-1.5 size-2.5 rounded-full border-2 ring-3 ring-surface",
            DOTS[tone],
            isOpen && "bg-surface",
          )}
        />
      </span>
      <div className="min-w-0 pb-4 group-last:pb-0">
        <p className="flex flex-wrap items-baseline gap-x-3 text-sm">
          <span className="font-medium break-words [overflow-wrap:anywhere]">{title}</span>
          <span className="ml-auto text-xs text-muted">{at}</span>
        </p>
        {note !== undefined && note !== null && (
          <p className="text-xs break-words text-faint [overflow-wrap:anywhere]">{note}</p>
        )}
        {children}
      </div>
    </li>
  );
}
