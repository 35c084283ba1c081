/** Which symbols are shown in which order, how well each is known, and what became of those that were asked for. */
import type { MatrixRow } from "@/api/shapes";
import type { Condition } from "@/lib/condition";
import { duration } from "@/lib/format";
import type { Ordered, Wish } from "@/lib/orders";
import { isOver, type Command, type Step } from "@/lib/resources/commands";
import { priceIn } from "@/lib/resources/market";
import type { LineVerdict, Watched } from "@/lib/resources/symbols";
import type { Sort, SymbolsSearch } from "@/features/symbols/search";

/** A series answers for itself from this many candles on. */
export const READY_CANDLES = 60;
const CANDLE_MS = 300_000;
/** So far behind the newest candle of its exchange a symbol may be: one candle may just be on its way. */
const PATIENCE_MS = 2 * CANDLE_MS;

export interface Row {
  readonly key: string;
  readonly watched: Watched;
  readonly market: MatrixRow | null;
}

export function rowsOf(watched: readonly Watched[], market: readonly MatrixRow[]): readonly Row[] {
  const bySymbol = new Map(market.map((row) => [row.symbol, row]));
  // One that was removed is told of as well, as its candles and alerts stay; it is not watched any more.
  return watched.flatMap((one) => {
    if (!one.isActive) return [];
    const row = bySymbol.get(one.symbol) ?? null;
    const close = row?.readings["5m"]?.closeTime ?? null;
    return [{ key: `${one.symbol} ${one.tier} ${one.user ?? ""}`, watched: withClose(one, close), market: row }];
  });
}

/** The stream tells of a candle sooner than the list is asked for again. */
function withClose(watched: Watched, closeTime: number | null): Watched {
  const { quality } = watched;
  if (quality === null || closeTime === null || closeTime <= (quality.newestClose ?? 0)) return watched;
  return { ...watched, quality: { ...quality, newestClose: closeTime } };
}

/** The close of the newest 5m candle of them all, in event time; 0 where there is none. */
export function newestOf(rows: readonly Row[]): number {
  return rows.reduce((newest, { watched }) => Math.max(newest, watched.quality?.newestClose ?? 0), 0);
}

/** How well a symbol is known, where `newest` is the close of the newest candle of its exchange. */
export function knownAs(watched: Watched, newest: number): Condition & { readonly why: string } {
  const { quality } = watched;
  if (quality === null) return { tone: "busy", mark: "half", word: "Warming", why: "There is no series of it yet." };
  if (quality.candles < READY_CANDLES)
    return {
      tone: "busy",
      mark: "half",
      word: "Too short",
      why: `Its shortest series has ${quality.candles} candles; alerts need ${READY_CANDLES}.`,
    };
  const behind = quality.newestClose === null ? null : newest - quality.newestClose;
  if (behind === null || behind >= PATIENCE_MS)
    return {
      tone: "warn",
      mark: "half",
      word: "Behind",
      why:
        behind === null
          ? "It has no candle of 5m."
          : `Its newest candle is ${duration(behind)} older than the exchange's newest.`,
    };
  if ((quality.convergence ?? 0) > 0.01)
    return { tone: "warn", mark: "half", word: "Settling", why: "The seed of its indicator still weighs over 1 %." };
  return { tone: "good", mark: "full", word: "Known", why: "All five series are complete and settled." };
}

/** Whether a person may take a symbol off the list: everybody's is for admins, one's own for oneself. */
export function mayRemove(watched: Watched, person: { readonly id: string; readonly isAdmin: boolean }): boolean {
  return watched.tier === 1 ? person.isAdmin : watched.user === person.id;
}

function valueOf(row: Row, sort: Sort): number | string | null {
  const { watched, market } = row;
  switch (sort) {
    case "symbol":
      return watched.symbol;
    case "rank":
      return watched.rank === null ? null : -watched.rank;
    case "price":
      return priceIn(market)?.price ?? null;
    case "change":
      return market?.ticker?.changePercent24h ?? null;
    case "candles":
      return watched.quality?.candles ?? null;
    case "empty":
      return watched.quality?.emptyRatio ?? null;
    case "fresh":
      return watched.quality?.newestClose ?? null;
  }
}

function compared(one: number | string | null, other: number | string | null, sign: number): number {
  if (one === null || other === null) return one === other ? 0 : one === null ? 1 : -1; // what is not known comes last
  if (typeof one === "string" || typeof other === "string") return sign * String(one).localeCompare(String(other));
  return sign * (one - other);
}

/** The rows that pass the filters, in the order that is asked for; by default everybody's by rank, as the server has them. */
export function shown(rows: readonly Row[], search: SymbolsSearch): readonly Row[] {
  const words = (search.q ?? "").toUpperCase().trim();
  const kept = rows.filter(
    ({ watched }) => watched.symbol.includes(words) && (search.tier === undefined || watched.tier === search.tier),
  );
  const { sort } = search;
  if (sort === undefined) return kept;
  const sign = search.desc === true ? -1 : 1;
  return kept.toSorted((one, other) => compared(valueOf(one, sort), valueOf(other, sort), sign));
}

export interface Totals {
  readonly all: number;
  readonly everybodys: number;
  readonly own: number;
  readonly warming: number;
  readonly behind: number;
}

export function totalsOf(rows: readonly Row[]): Totals {
  const newest = newestOf(rows);
  const watched = rows.map((row) => row.watched);
  const words = watched.map((one) => knownAs(one, newest).word);
  return {
    all: new Set(watched.map((one) => one.symbol)).size,
    everybodys: watched.filter((one) => one.tier === 1).length,
    own: watched.filter((one) => one.tier === 2).length,
    warming: words.filter((word) => word === "Warming" || word === "Too short").length,
    behind: words.filter((word) => word === "Behind").length,
  };
}

/** What a line of a pasted list comes to: to be added, harmless, or wrong. */
export function toneOfVerdict(verdict: LineVerdict): "good" | "off" | "bad" {
  if (verdict.symbol !== null) return "good";
  return /already|twice/.test(verdict.reason ?? "") ? "off" : "bad";
}

const SEPARATORS_ALONE = /^[\s,;|]*[,;|][\s,;|]*$/;

/** The verdicts with one for each line of nothing but separators, which the server passes over; in the order of lines. */
export function withBareLines(text: string, verdicts: readonly LineVerdict[]): readonly LineVerdict[] {
  if (text.trimStart().startsWith("[")) return verdicts;
  const bare = text.split("\n").flatMap((line, at): LineVerdict[] => {
    const isNamed = verdicts.some((one) => one.line === at + 1);
    return SEPARATORS_ALONE.test(line) && !isNamed
      ? [{ line: at + 1, text: line.trim(), symbol: null, reason: "names no symbol, only separators" }]
      : [];
  });
  return [...verdicts, ...bare].sort((one, other) => one.line - other.line);
}

export interface Tally {
  readonly fresh: number;
  readonly idle: number;
  readonly wrong: number;
}

export function tallyOf(verdicts: readonly LineVerdict[]): Tally {
  const tones = verdicts.map(toneOfVerdict);
  return {
    fresh: tones.filter((tone) => tone === "good").length,
    idle: tones.filter((tone) => tone === "off").length,
    wrong: tones.filter((tone) => tone === "bad").length,
  };
}

/** What an order about symbols is called. */
export function wishTitle(wish: Wish): string {
  switch (wish.kind) {
    case "add":
      return `Watch ${wish.symbol}`;
    case "import":
      return `Watch ${wish.count} symbol${wish.count === 1 ? "" : "s"}`;
    case "remove":
      return `Stop watching ${wish.symbol}`;
    case "command":
      return wish.type;
  }
}

/** The orders of this page that are about symbols. */
export function symbolOrders(orders: readonly Ordered[]): readonly Ordered[] {
  return orders.filter(({ order }) => order.wish.kind !== "command");
}

function stepOf({ command, problem }: Ordered): Step {
  if (command !== null) return command.step;
  return problem === null ? "requested" : problem.status === 503 ? "unheard" : "failed";
}

/** The newest order for each symbol of a tier; an older one says nothing of it any more. */
function newestOrders(orders: readonly Ordered[], tier: number): ReadonlyMap<string, Ordered> {
  const found = new Map<string, Ordered>();
  for (const one of orders) {
    const { wish } = one.order;
    if ((wish.kind === "add" || wish.kind === "remove") && wish.tier === tier && !found.has(wish.symbol))
      found.set(wish.symbol, one);
  }
  return found;
}

/** How far each symbol is that was asked to be watched in a tier; of `orders` the newest come first. */
export function arriving(orders: readonly Ordered[], tier: number): ReadonlyMap<string, Step> {
  const newest = [...newestOrders(orders, tier)];
  return new Map(newest.flatMap(([symbol, one]) => (one.order.wish.kind === "add" ? [[symbol, stepOf(one)]] : [])));
}

/** The symbols that are being removed, each with its tier: neither gone yet nor asked for anew since. */
export function leaving(orders: readonly Ordered[]): readonly string[] {
  return [1, 2].flatMap((tier) =>
    [...newestOrders(orders, tier)]
      .filter(([, one]) => one.order.wish.kind === "remove" && !isOver(stepOf(one)))
      .map(([symbol]) => `${symbol} ${tier}`),
  );
}

export interface SymbolVerdict {
  readonly symbol: string;
  readonly word: string;
  readonly isGood: boolean;
}

/** What became of each symbol of a command that has ended, those that were not taken first. */
export function verdictsOf(command: Command): readonly SymbolVerdict[] {
  const { verdicts } = command.details;
  if (!isOver(command.step) || typeof verdicts !== "object" || verdicts === null) return [];
  return Object.entries(verdicts)
    .map(([symbol, word]) => ({ symbol, word: String(word), isGood: /^(added|removed)/.test(String(word)) }))
    .toSorted((one, other) => Number(one.isGood) - Number(other.isGood));
}
