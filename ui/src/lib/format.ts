/** Numbers and words as people read them; nothing here knows the clock. */

const MINUS = "\u2212";
const DASH = "\u2013";

const byDecimals = new Map<number, Intl.NumberFormat>();

/** A number with exactly so many decimals, thousands grouped and a true minus sign. */
export function decimal(value: number, decimals: number): string {
  let format = byDecimals.get(decimals);
  if (format === undefined) {
    format = new Intl.NumberFormat("en-GB", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    byDecimals.set(decimals, format);
  }
  return format.format(value).replace("-", MINUS);
}

/** How many decimals a price of this size is shown with: 2 from 100 on, 4 from 1, 6 from 0.01, else 8. */
export function priceDecimals(price: number): number {
  const size = Math.abs(price);
  return size >= 100 ? 2 : size >= 1 ? 4 : size >= 0.01 ? 6 : 8;
}

/** A price with as many decimals as its size needs, as core/alerts/text.py writes it; a dash where there is none. */
export function price(value: number | null | undefined): string {
  return value === null || value === undefined ? DASH : decimal(value, priceDecimals(value));
}

/** A MACD-V value: one decimal, always signed; a dash where it is undefined. */
export function reading(value: number | null | undefined): string {
  if (value === null || value === undefined) return DASH;
  const rounded = Math.round(value * 10) / 10;
  return rounded > 0 ? `+${decimal(rounded, 1)}` : decimal(rounded === 0 ? 0 : rounded, 1);
}

/** A change in per cent with its sign. */
export function percent(value: number | null | undefined): string {
  if (value === null || value === undefined) return DASH;
  return `${value > 0 ? "+" : ""}${decimal(value, 2)} %`;
}

/** A share in per cent with as many decimals as it needs; what rounds to nothing says so. */
export function share(value: number | null | undefined): string {
  if (value === null || value === undefined) return DASH;
  if (value === 0) return "0 %";
  return value < 0.0001 ? "< 0.01 %" : `${decimal(value * 100, value < 0.01 ? 2 : 0)} %`;
}

/** A whole number with grouped thousands. */
export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? DASH : decimal(value, 0);
}

/** A large amount in few characters: 1.2k, 3.4M, 5.6bn. */
export function compact(value: number | null | undefined): string {
  if (value === null || value === undefined) return DASH;
  for (const [least, unit] of [
    [1e9, "bn"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const) {
    if (Math.abs(value) >= least) return `${decimal(value / least, 1)}${unit}`;
  }
  return decimal(value, Math.abs(value) >= 10 ? 0 : 2);
}

/** A short time in the unit that suits it: 3 ms, 1.2 s. */
export function milliseconds(value: number | null | undefined): string {
  if (value === null || value === undefined) return DASH;
  return Math.abs(value) >= 1000 ? `${decimal(value / 1000, 1)} s` : `${decimal(value, 0)} ms`;
}

/** How long something has lasted, in its two largest units: 4 s, 2 min 5 s, 3 h 12 min, 5 d 2 h. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return pair(days, "d", hours % 24, "h");
  if (hours > 0) return pair(hours, "h", minutes % 60, "min");
  if (minutes > 0) return pair(minutes, "min", seconds % 60, "s");
  return `${seconds} s`;
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** How long ago, in its largest unit only: now, 12 s, 4 min, 3 h, 2 d. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 1) return "now";
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** How long ago, in words: now, 12 s ago. */
export function ago(ms: number): string {
  const text = age(ms);
  return text === "now" ? text : `${text} ago`;
}

/** What an alert says happened: crossed above 150, turns up from oversold. */
export function happening(label: string): string {
  if (label === "reversal_oversold") return "turns up from oversold";
  if (label === "reversal_overbought") return "turns down from overbought";
  const level = label.startsWith("level_") ? label.slice(6) : null;
  if (level === null) return label;
  return level.startsWith("-") ? `crossed below ${MINUS}${level.slice(1)}` : `crossed above ${level}`;
}
