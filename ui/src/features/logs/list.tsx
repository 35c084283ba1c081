/** The lines, the newest on top; only those in sight are drawn, and none jumps while one reads. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowUp } from "lucide-react";
import { useRef, useState, type ReactNode } from "react";

import { Button } from "@/components/ui/button";
import { instantOf, summaryOf, toneOfLevel, type Entry } from "@/features/logs/model";
import { classes } from "@/lib/classes";
import { count } from "@/lib/format";
import { zone } from "@/lib/preferences";
import { useStored } from "@/lib/stored";
import { clockTime, day, type Zone } from "@/lib/time";

const ROW = 26;
/** Farther from the top than this one reads, and what is new waits. */
const READING_FROM = 40;

interface LogListProps {
  entries: readonly Entry[];
  chosen: number | null;
  onChoose: (key: number) => void;
  foot: ReactNode;
}

export function LogList({ entries, chosen, onChoose, foot }: LogListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [held, setHeld] = useState<number | null>(null);
  const at =
    held === null
      ? 0
      : Math.max(
          0,
          entries.findIndex((entry) => entry.key === held),
        );
  const shown = entries.slice(at);
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing of it is handed on
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  const toTop = (): void => {
    setHeld(null);
    scroller.current?.scrollTo({ top: 0 });
  };
  return (
    <div className="relative min-h-0 flex-1">
      {at > 0 && (
        <Button
          size="small"
          weight="primary"
          onClick={toTop}
          className="absolute top-2 left-1/2 z-10 -translate-x-1/2 shadow-raised"
        >
          <ArrowUp aria-hidden="true" /> {count(at)} new
        </Button>
      )}
      <div
        ref={scroller}
        role="region"
        aria-label="Lines"
        tabIndex={0}
        className="h-full overflow-y-auto font-mono text-xs"
        onScroll={(event) => {
          const isReading = event.currentTarget.scrollTop > READING_FROM;
          setHeld(isReading ? (held ?? shown[0]?.key ?? null) : null);
        }}
      >
        <div role="listbox" aria-label="Lines of the log" className="relative" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((row) => {
            const entry = shown[row.index];
            return (
              entry !== undefined && (
                <Row
                  key={entry.key}
                  entry={entry}
                  top={row.start}
                  isChosen={entry.key === chosen}
                  onChoose={() => onChoose(entry.key)}
                />
              )
            );
          })}
        </div>
        <div className="p-3 text-center font-sans text-xs text-faint">{foot}</div>
      </div>
    </div>
  );
}

const LEVELS: Readonly<Record<string, string>> = {
  bad: "text-bad",
  warn: "text-warn",
  neutral: "text-muted",
  off: "text-faint",
};

interface RowProps {
  entry: Entry;
  top: number;
  isChosen: boolean;
  onChoose: () => void;
}

function Row({ entry, top, isChosen, onChoose }: RowProps) {
  const chosenZone = useStored(zone);
  const place = { height: ROW, transform: `translateY(${top}px)` };
  if (entry.kind === "hole")
    return (
      <p
        role="option"
        aria-selected={false}
        aria-disabled="true"
        style={place}
        className="absolute inset-x-0 top-0 flex items-center justify-center border-y border-dashed border-warn/50 bg-warn/8 font-sans text-2xs text-warn"
      >
        More was written here than was looked at: lines may be missing
      </p>
    );
  const { line } = entry;
  const tone = toneOfLevel(line.level);
  return (
    <div
      role="option"
      aria-selected={isChosen}
      onClick={onChoose}
      style={place}
      className={classes(
        "absolute inset-x-0 top-0 flex cursor-pointer items-center gap-3 border-l-2 border-transparent px-3 whitespace-nowrap hover:bg-hover",
        tone === "bad" && "border-bad bg-bad/6",
        tone === "warn" && "border-warn",
        isChosen && "bg-hover",
      )}
    >
      <span className="num shrink-0 text-faint">{instant(instantOf(line), chosenZone)}</span>
      <span className={classes("w-11 shrink-0 uppercase", LEVELS[tone])}>
        {line.level === "warning" ? "warn" : line.level.slice(0, 5)}
      </span>
      <span className={classes("shrink-0 font-semibold", tone === "bad" && "text-bad")}>
        {line.event.slice(0, 200)}
      </span>
      <span className="truncate text-muted">{summaryOf(line)}</span>
    </div>
  );
}

/** 22 Nov 14:03:22.123 */
function instant(at: number | null, chosenZone: Zone): string {
  if (at === null) return "–";
  const milliseconds = String(Math.trunc(at % 1000)).padStart(3, "0");
  return `${day(at, chosenZone)} ${clockTime(at, chosenZone)}.${milliseconds}`;
}
