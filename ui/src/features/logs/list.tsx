/** The lines, the newest on top; only those in sight are drawn, and none jumps while one reads. */
import type { ReactNode } from "react";

import { VirtualRows } from "@/components/virtual-rows";
import { processOf, type Placed } from "@/features/logs/merged";
import { instantOf, summaryOf, toneOfLevel, type Entry } from "@/features/logs/model";
import { classes } from "@/lib/classes";
import { zone } from "@/lib/preferences";
import { useStored } from "@/lib/stored";
import { clockTime, day, type Zone } from "@/lib/time";

const ROW = 26;

interface LogListProps {
  placed: readonly Placed[];
  chosen: string | null;
  /** Whether the lines are of several processes, so that each says of which. */
  isOfMany: boolean;
  onChoose: (id: string) => void;
  foot: ReactNode;
}

export function LogList({ placed, chosen, isOfMany, onChoose, foot }: LogListProps) {
  return (
    <VirtualRows
      kind="listbox"
      label="Lines of the log"
      items={placed}
      keyOf={idOfPlaced}
      rowHeight={ROW}
      chosen={chosen}
      isGrowing
      className="font-mono text-xs"
      foot={<div className="p-3 text-center font-sans text-xs text-faint">{foot}</div>}
    >
      {({ id, file, entry }) => (
        <Row
          entry={entry}
          process={isOfMany ? processOf(file) : null}
          isChosen={id === chosen}
          onChoose={() => onChoose(id)}
        />
      )}
    </VirtualRows>
  );
}

const idOfPlaced = (one: Placed): string => one.id;

const LEVELS: Readonly<Record<string, string>> = {
  bad: "text-bad",
  warn: "text-warn",
  neutral: "text-muted",
  off: "text-faint",
};

interface RowProps {
  entry: Entry;
  process: string | null;
  isChosen: boolean;
  onChoose: () => void;
}

function Row({ entry, process, isChosen, onChoose }: RowProps) {
  const chosenZone = useStored(zone);
  if (entry.kind === "hole")
    return (
      <p
        role="option"
        aria-selected={false}
        aria-disabled="true"
        className="flex h-full items-center justify-center border-y border-dashed border-warn/50 bg-warn/8 font-sans text-2xs text-warn"
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
      className={classes(
        "flex h-full cursor-pointer items-center gap-3 border-l-2 border-transparent px-3 whitespace-nowrap hover:bg-hover",
        tone === "bad" && "border-bad bg-bad/6",
        tone === "warn" && "border-warn",
        isChosen && "bg-hover",
      )}
    >
      <span className="num shrink-0 text-faint">{instant(instantOf(line), chosenZone)}</span>
      {process !== null && <span className="hidden w-20 shrink-0 truncate text-muted sm:block">{process}</span>}
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
