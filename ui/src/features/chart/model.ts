/** What a chart draws, worked out from candles, readings and alerts without a canvas. Times are ms UTC. */
import type { Alert, Candle, Ticker } from "@/api/shapes";
import { STAGES, type Stage } from "@/lib/colours";
import { timeframeLength, type Timeframe } from "@/lib/time";

export interface Gap {
  /** The opening of the first missing candle. */
  readonly from: number;
  /** The opening of the last missing candle. */
  readonly to: number;
  readonly count: number;
}

/** A candle that is not over: what the ticker has shown of it since it opened. */
export interface Forming {
  readonly openTime: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** A gap wider than this is drawn no wider; the label still tells how much is missing. */
const WIDEST_GAP = 60;

/** The candles that are missing between the first and the last. */
export function gapsIn(candles: readonly Candle[], timeframe: Timeframe): readonly Gap[] {
  const length = timeframeLength(timeframe);
  const gaps: Gap[] = [];
  candles.forEach((candle, at) => {
    const before = candles[at - 1];
    if (before === undefined || candle.openTime - before.openTime <= length) return;
    const from = before.openTime + length;
    gaps.push({ from, to: candle.openTime - length, count: Math.round((candle.openTime - from) / length) });
  });
  return gaps;
}

/** The newest candles that one answer holds: what is missing among older ones is not looked for again. */
const LOOKED_FOR = 300;

/**
 * What is missing among the newest candles, as a word for just that lack; null where nothing is.
 *
 * A gap between two of them; the reading of one that comes after others with one, for of candles that are caught up with
 * the socket tells no reading but the last; or, where prices of a later candle have been seen, the one that should have
 * closed.
 */
export function lackIn(candles: readonly Candle[], forming: Forming | null, timeframe: Timeframe): string | null {
  const newest = candles.slice(-LOOKED_FOR);
  const gap = gapsIn(newest, timeframe).at(-1);
  if (gap !== undefined) return `gap ${gap.from} ${gap.to}`;
  const first = newest.findIndex((candle) => candle.reading != null);
  const bare = first < 0 ? undefined : newest.slice(first).findLast((candle) => candle.reading == null);
  if (bare !== undefined) return `reading ${bare.openTime}`;
  const last = candles.at(-1);
  const isOverdue = last !== undefined && forming !== null && forming.openTime > last.closeTime;
  return isOverdue ? `after ${last.closeTime}` : null;
}

/** Openings to keep free so that a gap is seen as one, the widest ones shortened. */
export function emptyPlaces(gap: Gap, timeframe: Timeframe): readonly number[] {
  const length = timeframeLength(timeframe);
  const shown = Math.min(gap.count, WIDEST_GAP);
  return Array.from({ length: shown }, (_, at) => gap.from + at * length);
}

/** A row of candles in which nobody traded: nothing is missing there. */
export interface Quiet {
  /** The openings of its first and its last candle. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** The stretches without trades, in order of time. */
export function quietIn(candles: readonly Candle[]): readonly Quiet[] {
  const found: Quiet[] = [];
  candles.forEach((candle, at) => {
    if (!candle.isEmpty) return;
    const last = found.at(-1);
    // A hole in between ends the stretch: it is a gap.
    const before = candles[at - 1];
    const isNext = last !== undefined && before?.openTime === last.to && before.closeTime === candle.openTime;
    if (isNext) found[found.length - 1] = { ...last, to: candle.openTime, count: last.count + 1 };
    else found.push({ from: candle.openTime, to: candle.openTime, count: 1 });
  });
  return found;
}

/** Dollars and what stands for them: a symbol quoted in one may be compared with one quoted in another. */
const DOLLARS = ["USD", "USDT", "USDC", "FDUSD"];

/** The symbol of the same asset on another exchange: in the same quote where there is one, else in another dollar. */
export function counterpart(symbol: string, symbols: readonly string[]): string | null {
  if (symbols.includes(symbol)) return symbol;
  const [base = "", quote = ""] = symbol.split("-");
  if (!DOLLARS.includes(quote)) return null;
  return DOLLARS.map((one) => `${base}-${one}`).find((one) => symbols.includes(one)) ?? null;
}

/** How far a price is from another, in per cent; null where one of them is not known. */
export function apartPercent(price: number | null, other: number | null): number | null {
  return price === null || other === null || price === 0 ? null : (other / price - 1) * 100;
}

/** The candles in order of time, each opening once: the later word on a candle holds. */
export function inTimeOrder(candles: readonly Candle[]): readonly Candle[] {
  const byOpening = new Map(candles.map((candle) => [candle.openTime, candle]));
  return [...byOpening.values()].sort((one, other) => one.openTime - other.openTime);
}

/**
 * The forming candle after one more price; null where the last closed candle leaves no room for one.
 *
 * It begins at the close of the last candle. What happened before the first ticker is not known, so its high and low are
 * those that were seen; it is drawn lighter and no reading is made from it.
 */
export function formed(
  last: Candle | undefined,
  ticker: Ticker | null,
  old: Forming | null,
  timeframe: Timeframe,
): Forming | null {
  if (last === undefined) return null;
  const length = timeframeLength(timeframe);
  if (ticker === null) return old !== null && old.openTime > last.openTime ? old : null;
  const openTime = Math.max(last.closeTime, Math.floor(ticker.time / length) * length);
  if (ticker.time < last.closeTime) return old;
  const price = ticker.price;
  if (old?.openTime !== openTime)
    return {
      openTime,
      open: last.close,
      high: Math.max(last.close, price),
      low: Math.min(last.close, price),
      close: price,
    };
  return { ...old, high: Math.max(old.high, price), low: Math.min(old.low, price), close: price };
}

/** The forming candle in the shape of one that is over: what is not known of it yet is nothing. */
export function asCandle({ openTime, open, high, low, close }: Forming, timeframe: Timeframe): Candle {
  const closeTime = openTime + timeframeLength(timeframe);
  const unknown = { volume: 0, isEmpty: false, isConfirmed: false, revision: 0, reading: null };
  return { openTime, closeTime, open, high, low, close, ...unknown };
}

export interface Marker {
  readonly id: string;
  readonly time: number;
  readonly isAbove: boolean;
  readonly alert: Alert;
}

/** The alerts of this timeframe that stand on a candle that is drawn, in order of time; retracted ones stand nowhere. */
export function markersOf(
  alerts: readonly Alert[],
  candles: readonly Candle[],
  timeframe: Timeframe,
): readonly Marker[] {
  const drawn = new Set(candles.map((candle) => candle.openTime));
  return alerts
    .filter((alert) => alert.timeframe === timeframe && alert.status !== "retracted" && drawn.has(alert.openTime))
    .map((alert) => ({ id: alert.id, time: alert.openTime, isAbove: alert.direction === "down", alert }))
    .sort((one, other) => one.time - other.time);
}

/** The stage by its name, unknown where it is none of ours. */
export function stageNamed(name: string | undefined): Stage {
  return STAGES.find((stage) => stage === name) ?? "unknown";
}

/** The candle at an opening, by halving: charts are asked for one at every move of the pointer. */
export function candleAt(candles: readonly Candle[], openTime: number): Candle | null {
  let [low, high] = [0, candles.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = candles[middle];
    if (found === undefined) return null;
    if (found.openTime === openTime) return found;
    if (found.openTime < openTime) low = middle + 1;
    else high = middle - 1;
  }
  return null;
}
