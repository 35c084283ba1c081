/** What the matrix shows and in which order: pure, so that it can be tested without a screen. */
import type { Matrix, MatrixRow, Reading } from "@/api/shapes";
import type { SignalsSearch, Sort } from "@/features/signals/search";
import { STAGES, type Stage } from "@/lib/colours";
import { priceIn } from "@/lib/resources/market";
import { TIMEFRAMES, timeframeLength, type Timeframe } from "@/lib/time";

export type Freshness = "fresh" | "unconfirmed" | "behind" | "absent";

/** The reading of a row on a timeframe, or null. */
export function readingOf(row: MatrixRow, timeframe: Timeframe): Reading | null {
  return row.readings[timeframe] ?? null;
}

/** The newest close on each timeframe that any symbol has reached: what the others are measured against. */
export function newestCloses(rows: readonly MatrixRow[]): Readonly<Record<Timeframe, number>> {
  const newest = Object.fromEntries(TIMEFRAMES.map((timeframe) => [timeframe, 0])) as Record<Timeframe, number>;
  for (const row of rows) {
    for (const timeframe of TIMEFRAMES) {
      newest[timeframe] = Math.max(newest[timeframe], row.readings[timeframe]?.closeTime ?? 0);
    }
  }
  return newest;
}

/**
 * How fresh a reading is, by evidence and never by our clock: it is behind when another symbol of the exchange has
 * already closed a later candle on that timeframe, and unconfirmed until the exchange's history agrees.
 */
export function freshnessOf(reading: Reading | null, timeframe: Timeframe, newest: number): Freshness {
  if (reading === null) return "absent";
  if (newest - reading.closeTime >= timeframeLength(timeframe)) return "behind";
  return reading.quality.isConfirmed ? "fresh" : "unconfirmed";
}

/** Which way the value goes against its signal line: 1 up, -1 down, 0 undecided. */
export function trendOf(reading: Reading | null): 1 | 0 | -1 {
  const histogram = reading?.histogram ?? 0;
  return histogram > 0 ? 1 : histogram < 0 ? -1 : 0;
}

function hasStage(row: MatrixRow, stage: Stage, timeframe: Timeframe | undefined): boolean {
  const frames = timeframe === undefined ? TIMEFRAMES : [timeframe];
  return frames.some((frame) => (row.readings[frame]?.stage ?? "unknown") === stage);
}

/** Whether a row's symbol has all words of the text, in any order, and is of the tier asked for. */
export function isFound(row: MatrixRow, search: SignalsSearch): boolean {
  if (search.tier !== undefined && row.tier !== search.tier) return false;
  const words = (search.q ?? "").toUpperCase().split(/\s+/).filter(Boolean);
  return words.every((word) => row.symbol.includes(word));
}

/** Whether a row is, at this moment, in the stage that the address asks for. */
export function isInStage(row: MatrixRow, search: SignalsSearch): boolean {
  return search.stage === undefined || hasStage(row, search.stage, search.tf);
}

function keyOf(row: MatrixRow, sort: Sort): number | string | null {
  if (sort === "symbol") return row.symbol;
  if (sort === "price") return priceIn(row)?.price ?? null;
  if (sort === "change") return row.ticker?.changePercent24h ?? null;
  return row.readings[sort]?.value ?? null;
}

/** The symbols in the order asked for; what has no value comes last either way, equals keep the server's order. */
export function ordered(rows: readonly MatrixRow[], sort: Sort | undefined, isDescending: boolean): readonly string[] {
  if (sort === undefined) return rows.map((row) => row.symbol);
  const keyed = rows.map((row) => ({ symbol: row.symbol, key: keyOf(row, sort) }));
  keyed.sort((one, other) => {
    if (one.key === null || other.key === null) return Number(one.key === null) - Number(other.key === null);
    const order = one.key < other.key ? -1 : one.key > other.key ? 1 : 0;
    return isDescending ? -order : order;
  });
  return keyed.map((entry) => entry.symbol);
}

/** What is shown, as it was when it was asked for: rows neither move nor come and go while their numbers change. */
export interface Kept {
  readonly order: readonly string[];
  /** All symbols that there were, shown or not. */
  readonly known: ReadonlySet<string>;
}

/** The rows that are in the stage asked for, in the order asked for. */
export function keptNow(rows: readonly MatrixRow[], search: SignalsSearch): Kept {
  const order = ordered(
    rows.filter((row) => isInStage(row, search)),
    search.sort,
    search.desc === true,
  );
  return { order, known: new Set(rows.map((row) => row.symbol)) };
}

/** The kept rows with their present numbers; symbols that are new to the market come last. */
export function inOrder(rows: readonly MatrixRow[], kept: Kept, search: SignalsSearch): readonly MatrixRow[] {
  const rowBySymbol = new Map(rows.map((row) => [row.symbol, row]));
  const news = rows.filter((row) => !kept.known.has(row.symbol) && isInStage(row, search));
  const all = [...kept.order.flatMap((symbol) => rowBySymbol.get(symbol) ?? []), ...news];
  return all.filter((row) => isFound(row, search));
}

/** Whether what is kept would be another list if it were made now. */
export function isOutdated(rows: readonly MatrixRow[], kept: Kept, search: SignalsSearch): boolean {
  const { order } = keptNow(rows, search);
  return order.length !== kept.order.length || order.some((symbol, at) => symbol !== kept.order[at]);
}

/** How many cells are in each stage, for the filter's buttons. */
export function stageCounts(matrix: Matrix, timeframe: Timeframe | undefined): Readonly<Record<Stage, number>> {
  const counts = Object.fromEntries(STAGES.map((stage) => [stage, 0])) as Record<Stage, number>;
  for (const row of matrix.items) {
    for (const stage of STAGES) if (hasStage(row, stage, timeframe)) counts[stage] += 1;
  }
  return counts;
}

/** The row that is `step` away from the chosen one, staying within the list. */
export function stepped(rows: readonly MatrixRow[], chosen: string | null, step: number): string | null {
  const at = rows.findIndex((row) => row.symbol === chosen);
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step));
  return rows[next]?.symbol ?? null;
}
