/** Long lists of which only the rows in sight exist; while one reads further down, what is new above waits. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowUp } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";

import { Button } from "@/components/ui/button";
import { classes } from "@/lib/classes";
import { count } from "@/lib/format";

/** The height of a head line, px: `h-8` at our size of type. */
export const HEAD_HEIGHT = 28;
/** Farther from the top than this one reads, px, and what is new waits. */
const READING_FROM = 40;
/** So many rows beyond those in sight exist, so that a quick turn of the wheel shows no blank. */
const OVERSCAN = 12;

type Key = string | number;

/** How the list is told to those who do not see it: of the whole, of its rows together, and of one row. */
const ROLES = {
  grid: { whole: "grid", rows: "rowgroup", row: undefined },
  table: { whole: "table", rows: "rowgroup", row: undefined },
  listbox: { whole: "region", rows: "listbox", row: undefined },
  list: { whole: undefined, rows: "list", row: "listitem" },
} as const;

interface VirtualRowsProps<T> {
  /** What the rows are: the row's own element has the role `row` in a grid or table, `option` in a listbox. */
  kind: keyof typeof ROLES;
  label: string;
  items: readonly T[];
  keyOf: (item: T) => Key;
  /** The height of every row, px. */
  rowHeight: number;
  columns?: number;
  /** Stays on top; it is `HEAD_HEIGHT` high. */
  head?: ReactNode;
  foot?: ReactNode;
  /** The row that is kept in sight whenever it becomes another one. */
  chosen?: Key | null;
  /** Whether items come in on top: then they wait while one reads further down. */
  isGrowing?: boolean;
  className?: string;
  rowsClassName?: string;
  children: (item: T, at: number) => ReactNode;
}

/** Fills the height that its place gives it, and scrolls within. */
export function VirtualRows<T>(props: VirtualRowsProps<T>) {
  const { kind, label, items, keyOf, rowHeight, head, foot, chosen = null, isGrowing = false } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const { shown, waiting, hold, letGo } = useHeld(items, keyOf, isGrowing);
  const margin = head === undefined ? 0 : HEAD_HEIGHT;
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing of it is handed on or memoised
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    scrollMargin: margin,
    scrollPaddingStart: margin,
    getItemKey: (at) => (shown[at] === undefined ? at : keyOf(shown[at])),
  });
  useEffect(() => virtual.measure(), [rowHeight, virtual]);
  const chosenAt = chosen === null ? -1 : shown.findIndex((item) => keyOf(item) === chosen);
  useEffect(() => {
    if (chosenAt >= 0) virtual.scrollToIndex(chosenAt);
    // A row that moves because others came is not followed; one that is newly chosen is.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [chosen, virtual]);
  const roles = ROLES[kind];
  const isTable = kind === "grid" || kind === "table";
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      {waiting > 0 && (
        <Button
          size="small"
          weight="primary"
          className="absolute top-2 left-1/2 z-20 -translate-x-1/2 shadow-raised"
          onClick={() => {
            letGo();
            scroller.current?.scrollTo({ top: 0 });
          }}
        >
          <ArrowUp aria-hidden="true" /> {count(waiting)} new
        </Button>
      )}
      <div
        ref={scroller}
        {...(roles.whole !== undefined && { role: roles.whole, "aria-label": label, tabIndex: 0 })}
        {...(isTable && { "aria-rowcount": items.length + 1, "aria-colcount": props.columns })}
        onScroll={(event) => hold(event.currentTarget.scrollTop > READING_FROM)}
        className={classes("min-h-0 flex-1 overflow-auto overscroll-contain", props.className)}
      >
        {head}
        <div
          role={roles.rows}
          {...(!isTable && { "aria-label": label })}
          className={classes("relative", props.rowsClassName)}
          style={{ height: virtual.getTotalSize() }}
        >
          {virtual.getVirtualItems().map((place) => {
            const item = shown[place.index];
            return (
              item !== undefined && (
                <div
                  key={place.key}
                  role={roles.row}
                  className="absolute inset-x-0 top-0"
                  style={{ height: rowHeight, transform: `translateY(${place.start - margin}px)` }}
                >
                  {props.children(item, place.index)}
                </div>
              )
            );
          })}
        </div>
        {foot}
      </div>
    </div>
  );
}

/** The items without those that came in on top while one reads, and how many these are. */
function useHeld<T>(items: readonly T[], keyOf: (item: T) => Key, isGrowing: boolean) {
  const [held, setHeld] = useState<Key | null>(null);
  const found = held === null ? 0 : items.findIndex((item) => keyOf(item) === held);
  const waiting = isGrowing ? Math.max(0, found) : 0;
  const shown = waiting === 0 ? items : items.slice(waiting);
  return {
    shown,
    waiting,
    hold: (isReading: boolean): void => {
      const first = shown[0];
      if (isGrowing) setHeld(isReading && first !== undefined ? (held ?? keyOf(first)) : null);
    },
    letGo: () => setHeld(null),
  };
}
