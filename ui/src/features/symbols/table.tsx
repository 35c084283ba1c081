/** The table of symbols: only the rows in sight exist; each says how well it is known, and why. */
import { ArrowDown, ArrowUp, Trash2 } from "lucide-react";
import { memo, type ReactNode } from "react";

import { StateDot } from "@/components/state-badge";
import { Badge } from "@/components/ui/badge";
import { PriceOf } from "@/components/ui/shown-price";
import { StageGlyph } from "@/components/ui/stage-glyph";
import { ListTime } from "@/components/ui/time";
import { VirtualRows } from "@/components/virtual-rows";
import { knownAs, mayRemove, type Row } from "@/features/symbols/model";
import type { Sort } from "@/features/symbols/search";
import { classes } from "@/lib/classes";
import { stageLook } from "@/lib/colours";
import { compact, count, decimal, percent, reading } from "@/lib/format";
import { priceIn } from "@/lib/resources/market";
import type { Watched } from "@/lib/resources/symbols";
import { TIMEFRAMES } from "@/lib/time";

const ROW_HEIGHT = 36;
const COLUMNS =
  "grid grid-cols-[minmax(6rem,1.4fr)_minmax(6rem,1fr)_2rem] md:grid-cols-[minmax(8rem,1.3fr)_4rem_5rem_minmax(6.5rem,1fr)_5rem_7.5rem_4.5rem_5rem_4rem_5.5rem_minmax(7rem,0.9fr)_2.5rem] gap-x-3 px-4";

interface SymbolTableProps {
  rows: readonly Row[];
  newest: number;
  sort: Sort | undefined;
  isDescending: boolean;
  person: { readonly id: string; readonly isAdmin: boolean };
  /** Symbols and tiers whose removal is under way. */
  leaving: readonly string[];
  onSort: (sort: Sort) => void;
  onRemove: (watched: Watched) => void;
  onOpen: (symbol: string) => void;
}

export function SymbolTable(props: SymbolTableProps) {
  const { rows } = props;
  return (
    <VirtualRows
      kind="table"
      label="Watched symbols"
      items={rows}
      keyOf={keyOf}
      rowHeight={ROW_HEIGHT}
      columns={HEADS.length}
      head={<Head {...props} />}
      rowsClassName="live"
    >
      {(row, at) => (
        <Line
          row={row}
          at={at}
          newest={props.newest}
          mayRemove={mayRemove(row.watched, props.person)}
          isLeaving={props.leaving.includes(`${row.watched.symbol} ${row.watched.tier}`)}
          onRemove={props.onRemove}
          onOpen={props.onOpen}
        />
      )}
    </VirtualRows>
  );
}

const keyOf = (row: Row): string => row.key;

const HEADS: readonly {
  readonly title: string;
  readonly sort?: Sort;
  readonly hint?: string;
  readonly look?: string;
}[] = [
  { title: "Symbol", sort: "symbol", look: "flex" },
  { title: "Rank", sort: "rank", hint: "By volume over 24 h", look: "justify-end" },
  { title: "Volume 24 h", hint: "In the quote currency", look: "justify-end" },
  { title: "Price", sort: "price", look: "justify-end" },
  { title: "24 h", sort: "change", look: "justify-end" },
  { title: "Stages", hint: "MACD-V on 5m, 15m, 1h, 4h and 1d", look: "justify-center" },
  { title: "Candles", sort: "candles", hint: "Of its shortest series", look: "justify-end" },
  { title: "Seed", hint: "How much the seed of the least settled series still weighs", look: "justify-end" },
  { title: "Empty", sort: "empty", hint: "Candles of 5m without a trade", look: "justify-end" },
  { title: "Newest", sort: "fresh", hint: "The close of its newest candle of 5m", look: "justify-end" },
  { title: "Quality", look: "md:pl-3" },
  { title: "", look: "flex" },
];

function Head({ sort, isDescending, onSort }: SymbolTableProps) {
  return (
    <div role="row" className={classes(COLUMNS, "sticky top-0 z-10 h-8 border-b border-line bg-surface")}>
      {HEADS.map((head) => {
        const key = head.sort;
        const isSorted = key !== undefined && sort === key;
        return (
          <div
            key={head.title}
            role="columnheader"
            {...(key !== undefined && {
              "aria-sort": !isSorted
                ? ("none" as const)
                : isDescending
                  ? ("descending" as const)
                  : ("ascending" as const),
            })}
            title={head.hint}
            className={classes("hidden items-center text-2xs font-medium text-muted md:flex", head.look)}
          >
            {key === undefined ? (
              <span className={head.title === "" ? "sr-only" : ""}>{head.title || "Remove"}</span>
            ) : (
              <button
                type="button"
                onClick={() => onSort(key)}
                className={classes(
                  "flex items-center gap-1 rounded hover:text-text [&_svg]:size-3",
                  isSorted && "text-text",
                )}
              >
                {head.title}
                {isSorted && (isDescending ? <ArrowDown aria-hidden="true" /> : <ArrowUp aria-hidden="true" />)}
              </button>
            )}
          </div>
        );
      })}
    </div>
  );
}

interface LineProps {
  row: Row;
  at: number;
  newest: number;
  mayRemove: boolean;
  isLeaving: boolean;
  onRemove: (watched: Watched) => void;
  onOpen: (symbol: string) => void;
}

const NUMBER = "num hidden text-right text-xs text-muted md:block";

const Line = memo(function Line({ row, at, newest, mayRemove: isRemovable, isLeaving, onRemove, onOpen }: LineProps) {
  const { watched, market } = row;
  const { quality } = watched;
  const known = knownAs(watched, newest);
  const [base, quote] = watched.symbol.split("-");
  return (
    <div
      role="row"
      aria-rowindex={at + 2}
      className={classes(
        COLUMNS,
        "group h-full items-center border-b border-line/50 hover:bg-hover",
        isLeaving && "opacity-55",
      )}
    >
      <span role="rowheader" className="flex min-w-0 items-center gap-2 text-sm font-medium">
        <button type="button" onClick={() => onOpen(watched.symbol)} className="min-w-0 truncate hover:underline">
          {base}
          <span className="text-xs font-normal text-faint">-{quote}</span>
        </button>
        {watched.tier === 2 && <Badge title={`Watched for user ${watched.user ?? ""} alone`}>tier 2</Badge>}
      </span>
      <Cell className={NUMBER}>{count(watched.rank)}</Cell>
      <Cell className={NUMBER}>{compact(watched.volume === null ? null : Number(watched.volume))}</Cell>
      <Cell className={classes(NUMBER, "text-text")}>
        <PriceOf shown={priceIn(market)} />
      </Cell>
      <Cell className={NUMBER}>{percent(market?.ticker?.changePercent24h)}</Cell>
      <span role="cell" className="hidden justify-center gap-2 md:flex">
        {TIMEFRAMES.map((timeframe) => {
          const found = market?.readings[timeframe];
          const stage = found?.stage ?? "unknown";
          return (
            <span key={timeframe} title={`${timeframe}: ${stageLook(stage).label} ${reading(found?.value)}`}>
              <StageGlyph stage={stage} />
            </span>
          );
        })}
      </span>
      <Cell className={NUMBER}>{count(quality?.candles)}</Cell>
      <Cell className={NUMBER}>{share(quality?.convergence)}</Cell>
      <Cell className={NUMBER}>{share(quality?.emptyRatio)}</Cell>
      <Cell className={NUMBER}>
        {quality === null || quality.newestClose === null ? "–" : <ListTime at={quality.newestClose} />}
      </Cell>
      <span role="cell" title={known.why} className="flex min-w-0 items-center gap-1.5 text-xs md:pl-3">
        <StateDot condition={known} />
        <span className="truncate">{isLeaving ? "Being removed" : known.word}</span>
      </span>
      <span role="cell" className="justify-self-end">
        {isRemovable && !isLeaving && (
          <button
            type="button"
            aria-label={`Stop watching ${watched.symbol}`}
            title="Stop watching it"
            onClick={() => onRemove(watched)}
            className="grid size-7 place-items-center rounded-md text-faint hover:bg-bad/10 hover:text-bad"
          >
            <Trash2 aria-hidden="true" className="size-3.5" />
          </button>
        )}
      </span>
    </div>
  );
});

function Cell({ className, children }: { className: string; children: ReactNode }) {
  return (
    <span role="cell" className={className}>
      {children}
    </span>
  );
}

/** A share in per cent with as many decimals as it needs; what rounds to nothing says so. */
function share(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  if (value === 0) return "0 %";
  return value < 0.0001 ? "< 0.01 %" : `${decimal(value * 100, value < 0.01 ? 2 : 0)} %`;
}
