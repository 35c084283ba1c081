/** The matrix of symbols by timeframes: only the rows in sight exist, and none changes its place by itself. */
import { ArrowDown, ArrowUp } from "lucide-react";
import { memo } from "react";

import type { MatrixRow } from "@/api/shapes";
import { PriceOf } from "@/components/ui/shown-price";
import { VirtualRows } from "@/components/virtual-rows";
import { Cell } from "@/features/signals/cell";
import { readingOf } from "@/features/signals/model";
import type { Sort } from "@/features/signals/search";
import { classes } from "@/lib/classes";
import { percent } from "@/lib/format";
import { priceIn } from "@/lib/resources/market";
import { TIMEFRAMES, type Timeframe } from "@/lib/time";

const ROW_HEIGHT = 34;
const COLUMNS =
  "grid grid-cols-[minmax(5.5rem,1.2fr)_repeat(5,minmax(3.4rem,1fr))] md:grid-cols-[minmax(8rem,1.3fr)_minmax(6.5rem,1fr)_5.5rem_repeat(5,minmax(5.6rem,1fr))] gap-x-1 px-2 md:px-3";

interface MatrixProps {
  rows: readonly MatrixRow[];
  newest: Readonly<Record<Timeframe, number>>;
  chosen: string | null;
  sort: Sort | undefined;
  isDescending: boolean;
  onSort: (sort: Sort) => void;
  onChoose: (symbol: string) => void;
  onOpen: (symbol: string, timeframe: Timeframe) => void;
}

export function MatrixGrid(props: MatrixProps) {
  const { rows, chosen, newest, onChoose, onOpen } = props;
  return (
    <VirtualRows
      kind="grid"
      label="MACD-V by symbol and timeframe"
      items={rows}
      keyOf={symbolOf}
      rowHeight={ROW_HEIGHT}
      columns={8}
      chosen={chosen}
      head={<Head {...props} />}
    >
      {(row, at) => (
        <Row row={row} at={at} newest={newest} isChosen={row.symbol === chosen} onChoose={onChoose} onOpen={onOpen} />
      )}
    </VirtualRows>
  );
}

const symbolOf = (row: MatrixRow): string => row.symbol;

function Head({ sort, isDescending, onSort }: MatrixProps) {
  const titles: readonly (readonly [Sort, string])[] = [
    ["symbol", "Symbol"],
    ["price", "Price"],
    ["change", "24 h"],
    ...TIMEFRAMES.map((one) => [one, one] as const),
  ];
  return (
    <div role="row" className={classes(COLUMNS, "sticky top-0 z-10 h-8 border-b border-line bg-surface")}>
      {titles.map(([key, title]) => {
        const isSorted = sort === key;
        const isPhone = key !== "price" && key !== "change";
        return (
          <div
            key={key}
            role="columnheader"
            aria-sort={!isSorted ? "none" : isDescending ? "descending" : "ascending"}
            className={classes("flex items-center", key !== "symbol" && "justify-end", !isPhone && "hidden md:flex")}
          >
            <button
              type="button"
              onClick={() => onSort(key)}
              className={classes(
                "flex items-center gap-1 rounded px-1.5 text-2xs font-medium text-muted hover:text-text [&_svg]:size-3",
                isSorted && "text-text",
              )}
            >
              {title}
              {isSorted && (isDescending ? <ArrowDown aria-hidden="true" /> : <ArrowUp aria-hidden="true" />)}
            </button>
          </div>
        );
      })}
    </div>
  );
}

interface RowProps extends Pick<MatrixProps, "newest" | "onChoose" | "onOpen"> {
  row: MatrixRow;
  at: number;
  isChosen: boolean;
}

const Row = memo(function Row({ row, at, newest, isChosen, onChoose, onOpen }: RowProps) {
  const [base, quote] = row.symbol.split("-");
  const change = row.ticker?.changePercent24h;
  return (
    <div
      role="row"
      aria-rowindex={at + 2}
      aria-selected={isChosen}
      onClick={() => onChoose(row.symbol)}
      onDoubleClick={() => onOpen(row.symbol, "5m")}
      className={classes(
        COLUMNS,
        "h-full cursor-default items-center py-[2px] hover:bg-hover",
        isChosen && "bg-hover shadow-[inset_3px_0_0_var(--accent)]",
      )}
    >
      <span role="rowheader" className="min-w-0 truncate text-sm font-medium">
        <button
          type="button"
          tabIndex={-1}
          onClick={() => onOpen(row.symbol, "5m")}
          className="truncate hover:underline"
        >
          {base}
          <span className="text-xs font-normal text-faint">-{quote}</span>
        </button>
      </span>
      <span role="gridcell" className="num hidden text-right text-xs md:block">
        <PriceOf shown={priceIn(row)} />
      </span>
      <span role="gridcell" className="num hidden pr-2 text-right text-xs text-muted md:block">
        {percent(change)}
      </span>
      {TIMEFRAMES.map((timeframe) => (
        <Cell key={timeframe} reading={readingOf(row, timeframe)} timeframe={timeframe} newest={newest[timeframe]} />
      ))}
    </div>
  );
});
