/** One number that matters, with what it means; the whole tile leads to its evidence. */
import type { ReactNode } from "react";

import { classes } from "@/lib/classes";
import type { Tone } from "@/lib/colours";

const EDGES: Readonly<Record<Tone, string>> = {
  good: "before:bg-good",
  busy: "before:bg-busy",
  warn: "before:bg-warn",
  bad: "before:bg-bad",
  off: "before:bg-off",
  simulated: "before:bg-simulated",
  accent: "before:bg-accent",
  neutral: "before:bg-line-strong",
};

export interface StatTileProps {
  title: string;
  value: ReactNode;
  note?: ReactNode;
  tone?: Tone;
  icon?: ReactNode;
}

export function StatTile({ title, value, note, tone = "neutral", icon }: StatTileProps) {
  return (
    <div
      className={classes(
        "relative h-full overflow-hidden rounded-card border border-line bg-surface px-4 py-3 transition-colors",
        "before:absolute before:inset-y-0 before:left-0 before:w-[3px]",
        EDGES[tone],
        "group-hover:border-line-strong group-hover:bg-raised",
      )}
    >
      <p className="flex items-center gap-1.5 text-xs text-muted [&_svg]:size-3.5">
        {title}
        {icon !== undefined && <span className="ml-auto">{icon}</span>}
      </p>
      <p className="num live mt-1 text-2xl leading-8 font-semibold tracking-tight">{value}</p>
      {note !== undefined && <p className="live mt-0.5 min-h-4 truncate text-xs text-faint">{note}</p>}
    </div>
  );
}
