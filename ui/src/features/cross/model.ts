/** Spreads and leads between exchanges in the words of the screen: pure. Times are ms UTC. */
import type { CrossSignals } from "@/api/shapes";
import { decimal, duration, milliseconds } from "@/lib/format";
import { timeframeLength } from "@/lib/time";

export type Spread = CrossSignals["spreads"][number];
export type Lead = CrossSignals["leads"][number];

/** How much older the older of the two prices is than the newest of all, ms. */
export function ageOf(spread: Spread, now: number): number {
  return Math.max(0, now - Math.min(spread.buy.time, spread.sell.time));
}

/** The spreads, the widest first; equal ones by name, so that none changes places with another for nothing. */
export function widestFirst(spreads: readonly Spread[]): readonly Spread[] {
  return spreads.toSorted((one, other) => other.netPercent - one.netPercent || one.base.localeCompare(other.base));
}

/** What names a spread: the same pair, the same way. */
export function spreadKey({ base, buy, sell }: Spread): string {
  return `${base} ${buy.exchangeName}:${buy.symbol} ${sell.exchangeName}:${sell.symbol}`;
}

export function leadKey(lead: Lead): string {
  return `${lead.leaderAlertId} ${lead.followerAlertId}`;
}

/** How far behind the follower was: in time, and in candles where it was at least one. */
export function lagText(lead: Lead): string {
  const candles = lead.lagMs / timeframeLength(lead.timeframe);
  return candles >= 1
    ? `${decimal(candles, Number.isInteger(candles) ? 0 : 1)} ${candles === 1 ? "candle" : "candles"} later`
    : `${lead.lagMs < 60_000 ? milliseconds(lead.lagMs) : duration(lead.lagMs)} later`;
}

export interface LeadTally {
  readonly leader: string;
  readonly follower: string;
  readonly times: number;
}

/** Who has led whom how often, the most frequent first. */
export function tallyOf(leads: readonly Lead[]): readonly LeadTally[] {
  const found = new Map<string, LeadTally>();
  for (const { leaderExchange: leader, followerExchange: follower } of leads) {
    const key = `${leader} ${follower}`;
    found.set(key, { leader, follower, times: (found.get(key)?.times ?? 0) + 1 });
  }
  return [...found.values()].sort((one, other) => other.times - one.times);
}
