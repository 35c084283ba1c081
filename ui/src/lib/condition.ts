/** How an instance is, in one word, one tone and one mark: what is offline is never taken for dead, nor stale for live. */
import type { Instance } from "@/api/shapes";
import type { Tone } from "@/lib/colours";

export type Mark = "full" | "half" | "ring" | "cross" | "dash";

export interface Condition {
  readonly tone: Tone;
  readonly mark: Mark;
  readonly word: string;
}

export function conditionOf(instance: Instance): Condition {
  const { liveness, status } = instance;
  if (liveness === "dead") return { tone: "bad", mark: "cross", word: "Dead" };
  if (liveness === "never") return { tone: "off", mark: "dash", word: "Never seen" };
  if (liveness === "offline") return { tone: "off", mark: "ring", word: "Offline" };
  if (liveness === "stale") return { tone: "warn", mark: "half", word: "Silent" };
  if (liveness === "unreadable" || status === null) return { tone: "warn", mark: "half", word: "Unreadable" };
  if (status.pausedBy !== null) return { tone: "warn", mark: "half", word: "Paused" };
  if (status.connectionState === "active") return feedCondition(status.feedState);
  if (status.connectionState === "warming" || status.connectionState === "starting")
    return { tone: "busy", mark: "half", word: capital(status.connectionState) };
  if (status.connectionState === "stopping") return { tone: "warn", mark: "half", word: "Stopping" };
  return { tone: "off", mark: "ring", word: capital(status.connectionState) };
}

function feedCondition(feed: string): Condition {
  if (feed === "live") return { tone: "good", mark: "full", word: "Live" };
  if (feed === "degraded") return { tone: "warn", mark: "half", word: "Feed degraded" };
  return { tone: "bad", mark: "cross", word: "Feed down" };
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
