/** Instants in local or universal time, and one clock that all ticking ages share. Times are ms UTC. */
import { useSyncExternalStore } from "react";

export type Zone = "local" | "utc";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: Zone, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone}${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (found === undefined) {
    found = new Intl.DateTimeFormat("en-GB", { ...options, ...(zone === "utc" && { timeZone: "UTC" }) });
    formats.set(key, found);
  }
  return found;
}

/** What a clock on the wall shows at an instant, as the ms UTC at which a clock of UTC shows the same. */
export function wallClock(at: number, zone: Zone): number {
  return zone === "utc" ? at : at - new Date(at).getTimezoneOffset() * 60_000;
}

/** 14:03:22 */
export function clockTime(at: number, zone: Zone): string {
  return format(zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at);
}

/** 14:03 */
export function hourMinute(at: number, zone: Zone): string {
  return format(zone, { hour: "2-digit", minute: "2-digit" }).format(at);
}

/** 22 Nov */
export function day(at: number, zone: Zone): string {
  return format(zone, { day: "numeric", month: "short" }).format(at);
}

/** 22 Nov 2026, 14:03:22 */
export function dateTime(at: number, zone: Zone): string {
  return format(zone, {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).format(at);
}

/** The clock for what is today, day and clock for what is older: for lists, where width counts. */
export function listTime(at: number, now: number, zone: Zone): string {
  const isToday = day(at, zone) === day(now, zone) && Math.abs(now - at) < 86_400_000;
  return isToday ? clockTime(at, zone) : `${day(at, zone)} ${hourMinute(at, zone)}`;
}

/** How the zone is called: UTC, or the place's own abbreviation. */
export function zoneName(zone: Zone, at: number): string {
  if (zone === "utc") return "UTC";
  const parts = format("local", { hour: "2-digit", timeZoneName: "short" }).formatToParts(at);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "local";
}

export const TIMEFRAMES = ["5m", "15m", "1h", "4h", "1d"] as const;
export type Timeframe = (typeof TIMEFRAMES)[number];

const LENGTHS: Readonly<Record<Timeframe, number>> = {
  "5m": 300_000,
  "15m": 900_000,
  "1h": 3_600_000,
  "4h": 14_400_000,
  "1d": 86_400_000,
};

/** How long a candle of that timeframe lasts, in ms. */
export function timeframeLength(timeframe: Timeframe): number {
  return LENGTHS[timeframe];
}

/** Whether a word names one of our timeframes. */
export function isTimeframe(word: unknown): word is Timeframe {
  return TIMEFRAMES.some((timeframe) => timeframe === word);
}

const TICK = 1000;
const listeners = new Set<() => void>();
let now = Date.now();
let ticking: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  now = Date.now();
  listeners.forEach((listener) => listener());
}

function follow(listener: () => void): () => void {
  listeners.add(listener);
  if (ticking === undefined) {
    now = Date.now();
    ticking = setInterval(tick, TICK);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(ticking);
      ticking = undefined;
    }
  };
}

/** The present, once a second; one timer for the whole page. */
export function useNow(): number {
  return useSyncExternalStore(follow, () => now);
}
