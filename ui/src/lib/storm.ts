/** New alerts told one by one, until there are so many that they are one storm. */
import type { Alert } from "@/api/shapes";

/** More new alerts than this within a storm's breath are told as one. */
export const STORM = 3;
/** A storm is over when so long nothing new has come, ms. */
export const BREATH_MS = 8000;

export interface Telling {
  /** When the last alert was told. */
  readonly at: number;
  /** Those told one by one since the last quiet; empty once they are a storm. */
  readonly single: readonly Alert[];
  /** How many there are since the last quiet. */
  readonly count: number;
  readonly symbols: readonly string[];
}

export const QUIET: Telling = { at: -Infinity, single: [], count: 0, symbols: [] };

/** What is told after these fresh alerts; `count` beyond STORM means that all of them are told as one. */
export function telling(before: Telling, fresh: readonly Alert[], now: number): Telling {
  if (fresh.length === 0) return before;
  const old = now - before.at > BREATH_MS ? QUIET : before;
  const count = old.count + fresh.length;
  const symbols = [...new Set([...fresh.map((alert) => alert.symbol), ...old.symbols])];
  return { at: now, count, symbols, single: count > STORM ? [] : [...old.single, ...fresh] };
}
