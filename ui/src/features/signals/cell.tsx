/** One reading of the matrix: tinted by its stage, with glyph, value, trend and freshness; the words are in its label. */
import { memo } from "react";

import type { Reading } from "@/api/shapes";
import { freshnessOf, trendOf } from "@/features/signals/model";
import { StageGlyph } from "@/components/ui/stage-glyph";
import { classes } from "@/lib/classes";
import { stageLook, tintOf } from "@/lib/colours";
import { reading as readingText } from "@/lib/format";
import type { Timeframe } from "@/lib/time";

interface CellProps {
  reading: Reading | null;
  timeframe: Timeframe;
  newest: number;
}

const FRESHNESS = { fresh: "", unconfirmed: ", not yet confirmed", behind: ", behind the others", absent: "" } as const;
const TREND = { 1: ", rising", 0: "", [-1]: ", falling" } as const;

export const Cell = memo(function Cell({ reading, timeframe, newest }: CellProps) {
  const stage = reading?.stage ?? "unknown";
  const look = stageLook(stage);
  const freshness = freshnessOf(reading, timeframe, newest);
  const trend = trendOf(reading);
  const tint = tintOf(reading?.value ?? null);
  return (
    <span
      role="gridcell"
      aria-label={`${timeframe} ${look.label} ${readingText(reading?.value)}${TREND[trend]}${FRESHNESS[freshness]}`}
      title={`${timeframe} · ${look.label} ${readingText(reading?.value)} · signal line ${readingText(reading?.signal)}${TREND[trend]}${FRESHNESS[freshness]}`}
      className={classes(
        "num relative flex h-full items-center gap-1 rounded-[5px] px-1.5 text-xs sm:gap-1.5 sm:px-2",
        freshness === "behind" && "outline-1 -outline-offset-1 outline-dashed outline-warn",
      )}
      style={{
        backgroundColor: tint === 0 ? "transparent" : `color-mix(in srgb, ${look.colour} ${tint}%, transparent)`,
      }}
    >
      <StageGlyph stage={stage} size={10} />
      <span className={classes("ml-auto hidden sm:inline", reading === null && "text-faint")}>
        {readingText(reading?.value)}
      </span>
      <span className={classes("ml-auto sm:hidden", reading === null && "text-faint")}>
        {readingText(reading?.value).replace(/\.\d$/, "")}
      </span>
      <svg aria-hidden="true" viewBox="0 0 8 8" className="hidden size-2 shrink-0 text-muted sm:block">
        {trend !== 0 && (
          <path
            d={trend > 0 ? "M4 1v6M1.5 3.5L4 1l2.5 2.5" : "M4 7V1M1.5 4.5L4 7l2.5-2.5"}
            fill="none"
            stroke="currentColor"
            strokeWidth="1.2"
            strokeLinecap="round"
          />
        )}
      </svg>
      <FreshnessDot freshness={freshness} />
    </span>
  );
});

function FreshnessDot({ freshness }: { freshness: keyof typeof FRESHNESS }) {
  if (freshness === "absent" || freshness === "fresh") return <span className="hidden size-1.5 shrink-0 sm:block" />;
  return (
    <span
      aria-hidden="true"
      className={classes(
        "hidden size-1.5 shrink-0 rounded-full sm:block",
        freshness === "behind" ? "bg-warn" : "border border-muted",
      )}
    />
  );
}
