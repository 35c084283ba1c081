/** Whether everything is true right now, in a few numbers, each with how good it is. */
import type { Alert, Instance, Matrix } from "@/api/shapes";
import type { Tone } from "@/lib/colours";
import { conditionOf } from "@/lib/condition";
import { isFresh } from "@/lib/resources/network";
import { timeframeLength, TIMEFRAMES } from "@/lib/time";

export interface Verdict {
  readonly tone: Tone;
  readonly sentence: string;
}

/** The one sentence at the top: what is wrong, or that nothing is. */
export function verdictOf(instances: readonly Instance[], isLost: boolean): Verdict {
  if (isLost) return { tone: "bad", sentence: "This screen is not live. What it shows may no longer be true." };
  const problems = problemsOf(instances);
  const worst = problems[0];
  if (instances.length > 0 && instances.every((one) => one.liveness === "never" || one.liveness === "offline")) {
    return { tone: "off", sentence: "Nothing is being watched: no instance is running." };
  }
  if (worst === undefined) return { tone: "good", sentence: "Everything is live." };
  const others = problems.length - 1;
  return {
    tone: worst.tone,
    sentence: `${worst.title}.${others > 0 ? ` And ${others} more ${others === 1 ? "problem" : "problems"}.` : ""}`,
  };
}

export interface OpenProblem {
  readonly key: string;
  readonly tone: Tone;
  readonly title: string;
  readonly detail: string;
  readonly since: number | null;
  readonly exchange: string;
}

const RANK: Partial<Record<Tone, number>> = { bad: 0, warn: 1, busy: 2 };

/** What is not as it should be, the worst first; an instance that is off on purpose is no problem. */
export function problemsOf(instances: readonly Instance[]): readonly OpenProblem[] {
  return instances
    .flatMap((instance) => problemOf(instance) ?? [])
    .sort((one, other) => (RANK[one.tone] ?? 3) - (RANK[other.tone] ?? 3));
}

function problemOf(instance: Instance): OpenProblem | null {
  const { tone, word } = conditionOf(instance);
  if (tone === "good" || tone === "off") return null;
  const status = instance.status;
  const since =
    instance.liveness === "dead" || instance.liveness === "stale"
      ? (status?.lastHeartbeat ?? null)
      : (status?.lastErrorAt ?? status?.lastStateChange ?? null);
  return {
    key: instance.exchangeName,
    tone,
    title: `${instance.displayName} is ${word.toLowerCase()}`,
    detail:
      instance.liveness === "dead"
        ? "Its heartbeat stopped without a goodbye."
        : (status?.lastError ?? instance.problem ?? warmupText(instance)),
    since,
    exchange: instance.exchangeName,
  };
}

function warmupText(instance: Instance): string {
  const warmup = instance.status?.warmup;
  return warmup === null || warmup === undefined
    ? ""
    : `${warmup.done} of ${warmup.total} requests for history are answered.`;
}

export interface Tally {
  readonly live: number;
  readonly total: number;
}

/** How many instances are live, active and fed, of those that should be. */
export function liveTally(instances: readonly Instance[]): Tally {
  const wanted = instances.filter((one) => one.liveness !== "never" && one.liveness !== "offline");
  return { live: wanted.filter(isFresh).length, total: wanted.length };
}

/** How many series have their newest candle, of all that are watched. */
export function seriesTally(matrices: readonly Matrix[]): Tally {
  let [live, total] = [0, 0];
  for (const matrix of matrices) {
    for (const timeframe of TIMEFRAMES) {
      const closes = matrix.items.map((row) => row.readings[timeframe]?.closeTime ?? 0);
      const newest = Math.max(0, ...closes);
      total += closes.length;
      live += closes.filter((close) => close > 0 && newest - close < timeframeLength(timeframe)).length;
    }
  }
  return { live, total };
}

/** The worst of the lags that instances tell, in ms, or null where none tells one. */
export function worstLag(instances: readonly Instance[], whose: "exchangeMs" | "ownMs"): number | null {
  const lags = instances.flatMap((one) =>
    one.liveness === "live" && one.status?.lag != null ? [one.status.lag[whose]] : [],
  );
  return lags.length === 0 ? null : Math.max(...lags);
}

/** Own delay from the close of the candle to the commit, over these alerts: the median and the 99th percentile, in ms. */
export function delays(alerts: readonly Alert[]): { readonly p50: number; readonly p99: number } | null {
  const found = alerts
    .filter((alert) => alert.status === "fired")
    .flatMap((alert) => (alert.times.committed === null ? [] : [alert.times.committed - alert.times.received]));
  if (found.length === 0) return null;
  const sorted = found.sort((one, other) => one - other);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

/** How many of these alerts closed on the day (UTC) of `now`. */
export function alertsToday(alerts: readonly Alert[], now: number): number {
  const midnight = Math.floor(now / 86_400_000) * 86_400_000;
  return alerts.filter((alert) => alert.closeTime >= midnight && alert.status !== "retracted").length;
}
