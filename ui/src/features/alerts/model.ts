/** What the page of one alert says: the steps of its way with the times between them, and what differs in its revisions. */
import type { Alert } from "@/api/shapes";
import type { Tone } from "@/lib/colours";
import { reading, price } from "@/lib/format";
import type { AlertRevision, Delivery, Provenance } from "@/lib/resources/provenance";

export interface Moment {
  readonly key: string;
  readonly title: string;
  readonly note: string | null;
  /** Null where it has not happened. */
  readonly at: number | null;
  /** The time since the step before, ms; null where there is none. */
  readonly after: number | null;
  readonly tone: Tone;
  readonly isOpen: boolean;
  /** Whether the instant is the server's; on a simulated market it cannot be compared with the market's own. */
  readonly isServers: boolean;
}

const STEPS: Readonly<Record<string, readonly [string, string]>> = {
  closed: ["The candle closed", "by the exchange's clock"],
  received: ["The proof of it arrived", "the frame after which it could not change any more"],
  computed: ["MACD-V and the rules were computed", "by the instance"],
  committed: ["The alert was committed", "to the stream that everybody reads"],
  ledgered: ["It was entered in the ledger", "kept for good"],
};

type Draft = Omit<Moment, "after" | "isServers">;

/** What the instance says, by the market's clock where the market is simulated; all else is said by the server. */
const BY_THE_MARKET = ["closed", "received", "computed", "committed"];

/** The way of an alert from the close of its candle to the people who were told; what has not happened stands last. */
export function momentsOf(provenance: Provenance): readonly Moment[] {
  const steps = provenance.steps.filter((step) => !step.name.startsWith("told on ")).map(stepMoment);
  const later = provenance.revisions.slice(1).map(revisionMoment);
  const told = provenance.deliveries.map(deliveryMoment);
  const happened = [...later, ...told].filter((one) => one.at !== null);
  const open = [...later, ...told].filter((one) => one.at === null);
  const inOrder = [...steps, ...happened.toSorted((one, other) => (one.at ?? 0) - (other.at ?? 0)), ...open];
  const isServers = (one: Draft): boolean => provenance.alert.simulated && !BY_THE_MARKET.includes(one.key);
  return inOrder.map((moment, index) => {
    const before = inOrder[index - 1];
    const at = before === undefined || isServers(before) !== isServers(moment) ? null : before.at;
    return {
      ...moment,
      after: moment.at === null || at === null ? null : moment.at - at,
      isServers: isServers(moment),
    };
  });
}

function stepMoment(step: Provenance["steps"][number]): Draft {
  const [title, note] = STEPS[step.name] ?? [step.name, null];
  const tone = step.name === "committed" ? "accent" : "neutral";
  return { key: step.name, title, note, at: step.at, tone, isOpen: false };
}

function revisionMoment(revision: AlertRevision): Draft {
  const title = revision.status === "retracted" ? "It was taken back" : `It was ${revision.status}`;
  return {
    key: `revision ${revision.cursor}`,
    title,
    note: `MACD-V ${reading(revision.value)} at ${price(revision.price)}, epoch ${revision.epoch}`,
    at: revision.times.committed ?? revision.ledgeredAt,
    tone: revision.status === "retracted" ? "bad" : "warn",
    isOpen: false,
  };
}

const NEWS: Readonly<Record<string, string>> = { amended: "The correction was", retracted: "The retraction was" };

function deliveryMoment(delivery: Delivery): Draft {
  const subject = NEWS[delivery.statusTold] ?? "It was";
  const tries = delivery.attempts > 1 ? `${delivery.attempts} tries` : null;
  const notes = [delivery.reason, delivery.silent ? "without a sound" : null, tries].filter((one) => one !== null);
  const said = {
    delivered: { title: `${subject} told on ${delivery.channel}`, tone: "good" },
    pending: { title: `${subject} queued for ${delivery.channel}`, tone: "busy" },
    failed: { title: `${subject} not told on ${delivery.channel}`, tone: "bad" },
    suppressed: { title: `${subject} kept quiet on ${delivery.channel}`, tone: "off" },
  } satisfies Record<Delivery["status"], { title: string; tone: Tone }>;
  return {
    key: `delivery ${delivery.id}`,
    ...said[delivery.status],
    note: notes.length === 0 ? null : notes.join(" · "),
    at: delivery.status === "pending" ? null : (delivery.finishedAt ?? delivery.createdAt),
    isOpen: delivery.status === "pending",
  };
}

/** From the close of the candle to the commit, in ms; null where it was not committed or not told. */
export function delayOf(alert: Alert): number | null {
  return alert.times.committed === null ? null : alert.times.committed - alert.times.close;
}

/**
 * Our own part of that: from the arrival of what closed the candle to the commit, in ms; null on a simulated market,
 * whose clock is not that of the people who wait.
 */
export function ownDelayOf(alert: Alert): number | null {
  return alert.simulated || alert.times.committed === null ? null : alert.times.committed - alert.times.received;
}

/** What a verdict of the calculation says, in a word and a tone. */
export function verdictOf(outcome: Provenance["reevaluation"]["outcome"]): {
  readonly word: string;
  readonly tone: Tone;
} {
  if (outcome === "equal") return { word: "The same again, to the last bit", tone: "good" };
  if (outcome === "different") return { word: "Not the same", tone: "bad" };
  return { word: "Cannot be judged", tone: "off" };
}

/** The alerts above the one that was the newest when the list was last looked through; all of them where there was none. */
export function arrivedIn(alerts: readonly Alert[], newest: string | null): ReadonlySet<string> {
  const known = newest === null ? alerts.length : alerts.findIndex((alert) => alert.id === newest);
  return new Set(alerts.slice(0, Math.max(0, known)).map((alert) => alert.id));
}
