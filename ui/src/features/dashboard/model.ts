/** Whether everything is true right now, in a few numbers, each with how good it is. */
import type { Instance, Matrix } from "@/api/shapes";
import type { Tone } from "@/lib/colours";
import { conditionOf } from "@/lib/condition";
import { untoldWords, type ChannelTrouble } from "@/lib/resources/deliveries";
import { isFresh } from "@/lib/resources/network";
import { timeframeLength, TIMEFRAMES } from "@/lib/time";

export interface Verdict {
  readonly tone: Tone;
  readonly sentence: string;
}

/** The one sentence at the top: what is wrong, or that nothing is. */
export function verdictOf(
  instances: readonly Instance[],
  isLost: boolean,
  channels: readonly ChannelTrouble[] = [],
): Verdict {
  if (isLost) return { tone: "bad", sentence: "This screen is not live. What it shows may no longer be true." };
  const problems = problemsOf(instances, channels);
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
  /** Whose instance it is of; null where it is of what people are told. */
  readonly exchange: string | null;
  /** What became of the deliveries that it is of. */
  readonly told?: "pending" | "failed";
}

const RANK: Partial<Record<Tone, number>> = { bad: 0, warn: 1, busy: 2 };

/** What is not as it should be, the worst first; an instance that is off on purpose is no problem. */
export function problemsOf(
  instances: readonly Instance[],
  channels: readonly ChannelTrouble[] = [],
): readonly OpenProblem[] {
  return [...instances.flatMap((instance) => problemOf(instance) ?? []), ...channels.map(untold)].sort(
    (one, other) => (RANK[one.tone] ?? 3) - (RANK[other.tone] ?? 3),
  );
}

/** A channel that took nothing: who counts on it knows of no alert, so it is as bad as a dead instance. */
function untold(trouble: ChannelTrouble, at: number): OpenProblem {
  return {
    key: `channel ${at} ${trouble.channel}`,
    tone: "bad",
    title: `Channel ${trouble.channel}: ${untoldWords(trouble)}`,
    detail: trouble.reason ?? "",
    since: trouble.since,
    exchange: null,
    told: trouble.waiting > 0 ? "pending" : "failed",
  };
}

function problemOf(instance: Instance): OpenProblem | null {
  const { tone, word } = conditionOf(instance);
  if (tone === "good" || tone === "off") return null;
  const status = instance.status;
  return {
    key: instance.exchangeName,
    tone,
    title: titleOf(instance, word),
    detail:
      instance.liveness === "dead"
        ? "Its heartbeat stopped without a goodbye."
        : word === "Paused"
          ? "It takes up its feed again when it is resumed."
          : (status?.lastError ?? instance.problem ?? warmupText(instance)),
    since: sinceOf(instance),
    exchange: instance.exchangeName,
  };
}

function titleOf({ displayName, status }: Instance, word: string): string {
  if (word === "Paused") return `${displayName} is paused by ${status?.pausedBy ?? "an admin"}`;
  if (word.startsWith("Feed")) return `The feed of ${displayName} is ${word.slice("Feed ".length)}`;
  return `${displayName} is ${word.toLowerCase()}`;
}

/** Since when it is as it is; null where it does not say: of its feed it tells no instant but that of its last error. */
function sinceOf({ liveness, status }: Instance): number | null {
  if (status === null) return null;
  if (liveness === "dead" || liveness === "stale") return status.lastHeartbeat;
  if (status.pausedAt !== null) return status.pausedAt;
  return status.connectionState === "active" ? status.lastErrorAt : status.lastStateChange;
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

/**
 * How many series have their newest candle, of all that are watched.
 *
 * Where nobody watches at this moment no series has it: all of an exchange may be late alike.
 */
export function seriesTally(matrices: readonly Matrix[], instances: readonly Instance[]): Tally {
  const fresh = new Set(instances.filter(isFresh).map((one) => one.exchangeName));
  let [live, total] = [0, 0];
  for (const matrix of matrices) {
    for (const timeframe of TIMEFRAMES) {
      const closes = matrix.items.map((row) => row.readings[timeframe]?.closeTime ?? 0);
      const newest = Math.max(0, ...closes);
      total += closes.length;
      if (!fresh.has(matrix.exchangeName)) continue;
      live += closes.filter((close) => close > 0 && newest - close < timeframeLength(timeframe)).length;
    }
  }
  return { live, total };
}

export interface Lag {
  readonly p50: number | null;
  readonly p99: number;
}

/**
 * The lag of the instance that is worst off, in ms as they pass for us, or null where none tells one.
 *
 * It is that of the latest five to six minutes; an instance that is older than this tells its last one alone.
 */
export function worstLag(instances: readonly Instance[], whose: "exchange" | "own"): Lag | null {
  const lags = instances
    .filter((one) => one.liveness === "live")
    .flatMap((one): Lag[] => {
      const spread = one.status?.lags?.[whose];
      if (spread != null) return [{ p50: spread.p50, p99: spread.p99 }];
      const last = one.status?.lag?.[whose === "own" ? "ownMs" : "exchangeMs"];
      return last === undefined || one.status?.lags != null ? [] : [{ p50: null, p99: last }];
    });
  return lags.length === 0 ? null : lags.reduce((one, other) => (other.p99 > one.p99 ? other : one));
}

/** What an instance has done since the midnight of its market, or since its start where that is later. */
export interface Today {
  readonly exchange: string;
  readonly displayName: string;
  readonly since: number;
  readonly candles: number;
  readonly alerts: number;
  readonly corrections: number;
  readonly gaps: number;
  readonly repairs: number;
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((one, other) => one + other, 0);

/** The day of each instance that tells of it. */
export function todayOf(instances: readonly Instance[]): readonly Today[] {
  return instances.flatMap(({ status, exchangeName, displayName }) => {
    const today = status?.today;
    if (today == null) return [];
    const { since, corrections, gaps, repairs } = today;
    const [candles, alerts] = [sum(today.candles), sum(today.alerts)];
    return [{ exchange: exchangeName, displayName, since, candles, alerts, corrections, gaps, repairs }];
  });
}

const DAY = 86_400_000;

/** The midnight (UTC) from which today's alerts are counted: the market's where an instance tells its day, else ours. */
export function midnightOf(days: readonly Today[], now: number): number {
  const at = days.length === 0 ? now : Math.max(...days.map((day) => day.since));
  return Math.floor(at / DAY) * DAY;
}

/** Whether all of a day is counted, not only what came after a start. */
export function isWhole(day: Today): boolean {
  return day.since % DAY === 0;
}
