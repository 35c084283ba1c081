/** What a card of the network and a line of its activity say. */
import type { Activity, Instance, Status } from "@/api/shapes";
import type { Tone } from "@/lib/colours";
import { milliseconds } from "@/lib/format";

/** The way of an instance; `stopping` leads back to `stopped`. */
export const STEPS = ["idle", "starting", "warming", "active"] as const;
export const WAY_DOWN = ["active", "stopping", "stopped"] as const;

export interface Way {
  readonly steps: readonly string[];
  readonly current: string;
  readonly isBroken: boolean;
  readonly isEnded: boolean;
}

/** Where an instance is on its way up, or on its way down; a dead one is broken where it was last seen. */
export function wayOf(instance: Instance): Way {
  const state = instance.status?.connectionState ?? "idle";
  const isDown = state === "stopping" || state === "stopped";
  return {
    steps: isDown ? WAY_DOWN : STEPS,
    current: state,
    isBroken: instance.liveness === "dead",
    isEnded: instance.liveness === "offline" || instance.liveness === "never",
  };
}

/** The share of series that are warm, 0 to 1, or null where none is being warmed. */
export function warmupShare(instance: Instance): number | null {
  // The figures stay in the status when the warm-up is over.
  const warmup = instance.status?.connectionState === "warming" ? instance.status.warmup : null;
  return warmup === null || warmup.total === 0 ? null : Math.min(1, warmup.done / warmup.total);
}

/** How many instances are in sight and how many of them are as they should be. */
export function summary(instances: readonly Instance[]): {
  readonly total: number;
  readonly live: number;
  readonly trouble: number;
} {
  const live = instances.filter(
    (one) => one.liveness === "live" && one.status?.connectionState === "active" && one.status.feedState === "live",
  );
  const trouble = instances.filter(
    (one) =>
      one.liveness === "dead" ||
      one.liveness === "stale" ||
      (one.liveness === "live" && one.status?.feedState !== "live" && one.status?.connectionState === "active"),
  );
  return { total: instances.length, live: live.length, trouble: trouble.length };
}

/** The tone of a line of activity: errors are bad, arriving at active is good, leaving is neither. */
export function toneOf(activity: Activity): Tone {
  if (activity.event === "error") return "bad";
  if (activity.toState === "active") return "good";
  if (activity.toState === "starting" || activity.toState === "warming") return "busy";
  return "off";
}

/** An error with its kind in words: what an instance calls feed_lost is "Feed lost" for people. */
export function kindInWords(error: string): string {
  return error.replace(/^[a-z]+(?:_[a-z]+)*(?=: )/, (kind) => {
    const words = kind.replaceAll("_", " ");
    return words.charAt(0).toUpperCase() + words.slice(1);
  });
}

/** What a line of activity says. */
export function sentence(activity: Activity): string {
  if (activity.event === "error") return kindInWords(activity.error ?? "an error without words");
  if (activity.event !== "state_transition") return `${activity.event} by ${activity.by ?? "somebody"}`;
  return `${activity.fromState ?? "?"} to ${activity.toState ?? "?"}`;
}

/** The median and the slowest hundredth of a lag, or the last single figure where no spread is told. */
export function lagText(spread: Spread | null | undefined, single: number | null | undefined): string {
  if (spread === null || spread === undefined || spread.count === 0) return milliseconds(single);
  return `${milliseconds(spread.p50)} · ${milliseconds(spread.p99)}`;
}

type Spread = NonNullable<NonNullable<Status["lags"]>["own"]>;

/** What a table of counts comes to. */
export function totalOf(counts: Readonly<Record<string, number>> | undefined): number {
  return Object.values(counts ?? {}).reduce((sum, one) => sum + one, 0);
}

/** Older pages below, what is new on top, nothing twice. */
export function withNews(older: readonly Activity[], news: readonly Activity[]): readonly Activity[] {
  const known = new Set(older.map((one) => one.cursor));
  return [...news.filter((one) => !known.has(one.cursor)).reverse(), ...older];
}

/** The activity that a message brings, or null. */
export function activityIn(data: unknown): Activity | null {
  const found = data as Partial<Activity> | null;
  return typeof found?.cursor === "string" && typeof found.time === "number" ? (found as Activity) : null;
}
