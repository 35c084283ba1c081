/** A small made-up market for looking at screens without a server: seeded, so that two looks show the same. */

export const TIMEFRAMES = {
  "5m": 300_000,
  "15m": 900_000,
  "1h": 3_600_000,
  "4h": 14_400_000,
  "1d": 86_400_000,
} as const;
export type Timeframe = keyof typeof TIMEFRAMES;

const MAJORS: readonly (readonly [string, number])[] = [
  ["BTC", 64012.5],
  ["ETH", 3120.4],
  ["SOL", 148.22],
  ["XRP", 0.6123],
  ["ADA", 0.4471],
  ["DOGE", 0.1382],
  ["AVAX", 27.4],
  ["LINK", 13.91],
  ["DOT", 5.64],
  ["LTC", 82.13],
  ["BCH", 391.2],
  ["UNI", 7.83],
  ["ATOM", 6.42],
  ["ZEC", 358.16],
  ["XLM", 0.1042],
  ["NEAR", 4.97],
  ["APT", 8.11],
  ["ARB", 0.7312],
  ["OP", 1.612],
  ["FIL", 4.21],
  ["ETC", 21.6],
  ["HBAR", 0.0631],
  ["INJ", 22.4],
  ["SUI", 1.742],
  ["PEPE", 0.00000934],
  ["SHIB", 0.00001712],
  ["BONK", 0.00001843],
  ["AAVE", 142.9],
  ["GRT", 0.1733],
  ["ALGO", 0.1319],
  ["SAND", 0.2871],
  ["MANA", 0.3122],
  ["CRV", 0.2914],
  ["LDO", 1.087],
];

/** A generator of numbers from 0 to 1 (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function seedOf(text: string): number {
  let seed = 2166136261;
  for (const char of text) seed = Math.imul(seed ^ char.charCodeAt(0), 16777619);
  return seed >>> 0;
}

export interface Made {
  openTime: number;
  closeTime: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  isEmpty: boolean;
  isConfirmed: boolean;
  revision: number;
  reading: MadeReading | null;
}

export interface MadeReading {
  openTime: number;
  closeTime: number;
  value: number;
  signal: number | null;
  histogram: number | null;
  stage: string;
  price: number;
  atr: number;
  fastEma: number;
  slowEma: number;
  quality: { candles: number; convergence: number; emptyRatio: number; isConfirmed: boolean };
}

/** The symbols of an exchange with their first prices. */
export function symbolsOf(quote: string, total: number): readonly (readonly [string, number])[] {
  return Array.from({ length: total }, (_, at) => {
    const known = MAJORS[at];
    const chance = dice(at);
    return known === undefined
      ? ([`A${at}-${quote}`, 10 ** (chance() * 5 - 2)] as const)
      : ([`${known[0]}-${quote}`, known[1]] as const);
  });
}

function stageOf(value: number, signal: number): string {
  if (value <= -150) return "oversold";
  if (value >= signal) return value >= 150 ? "overbought" : value >= 50 ? "rallying" : "rebounding";
  return value <= -50 ? "reversing" : "retracing";
}

/** Candles up to `until` with MACD-V at each close; some are empty, repaired, or missing where the symbol is a thin one. */
export function makeSeries(symbol: string, first: number, timeframe: Timeframe, until: number, total: number): Made[] {
  const length = TIMEFRAMES[timeframe];
  const end = Math.floor(until / length) * length;
  const chance = dice(seedOf(`${symbol}${timeframe}`));
  const isThin = seedOf(symbol) % 5 === 0;
  const wild = 0.0014 * Math.sqrt(length / 300_000);
  const made: Made[] = [];
  let close = first * (0.9 + 0.2 * chance());
  let drift = 0;
  let [fast, slow, atr, signal, readings, calm] = [close, close, 0, 0, 0, 0];
  for (let at = 0; at < total; at += 1) {
    const openTime = end - (total - at) * length;
    if (chance() < 0.03) drift = (chance() - 0.5) * 0.9 * wild;
    const isEmpty = isThin && chance() < 0.16;
    const open = close;
    if (!isEmpty) close *= 1 + drift + (chance() + chance() + chance() - 1.5) * wild;
    const high = isEmpty ? open : Math.max(open, close) * (1 + chance() * wild * 0.9);
    const low = isEmpty ? open : Math.min(open, close) * (1 - chance() * wild * 0.6);
    fast += (close - fast) * (2 / 13);
    slow += (close - slow) * (2 / 27);
    if (!isEmpty) atr = atr === 0 ? high - low : (atr * 25 + Math.max(high - low, 1e-12)) / 26;
    const value = ((fast - slow) / atr) * 100;
    signal = readings === 0 ? value : signal + (value - signal) * 0.2;
    readings += 1;
    calm = Math.abs(value) < 50 ? calm + 1 : 0;
    const quality = {
      candles: at + 1,
      convergence: Math.min(1, (25 / 26) ** (at - 26)),
      emptyRatio: isThin ? 0.16 : 0,
      isConfirmed: at < total - 2,
    };
    const reading = {
      openTime,
      closeTime: openTime + length,
      value,
      signal,
      histogram: value - signal,
      price: close,
      atr,
      fastEma: fast,
      slowEma: slow,
      stage: calm >= 20 ? "ranging" : stageOf(value, signal),
      quality,
    };
    made.push({
      openTime,
      closeTime: openTime + length,
      open,
      high,
      low,
      close,
      volume: isEmpty ? 0 : (10 + chance() * 90) / Math.sqrt(first),
      isEmpty,
      isConfirmed: at < total - 2,
      revision: chance() < 0.006 ? 1 : 0,
      reading: at >= 34 ? reading : null,
    });
  }
  return isThin ? made.filter((_, at) => at < total - 70 || at > total - 62) : made;
}
