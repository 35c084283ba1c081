/** What roles and scopes mean, and how a key is at an instant. */
import type { Person, Role } from "@/api/shapes";
import type { Condition } from "@/lib/condition";
import { duration } from "@/lib/format";
import type { Key, Scope } from "@/lib/resources/people";

export const ROLES: readonly { readonly value: Role; readonly label: string; readonly note: string }[] = [
  { value: "admin", label: "Admin", note: "runs everything" },
  { value: "user", label: "User", note: "uses everything, watches symbols for themselves" },
  { value: "subscriber_pro", label: "Subscriber pro", note: "reads market, signals and alerts" },
  { value: "subscriber_basic", label: "Subscriber basic", note: "reads market, signals and alerts" },
];

export const SCOPES: readonly { readonly value: Scope; readonly note: string }[] = [
  { value: "readings", note: "MACD-V of every symbol, prices" },
  { value: "candles", note: "series of candles" },
  { value: "alerts", note: "alerts and their history" },
  { value: "exchanges", note: "the exchanges, their fees and limits" },
  { value: "symbols", note: "what is watched and listed" },
  { value: "stream", note: "the live stream, of the topics above" },
];

const DAY = 86_400_000;
const SOON = 14 * DAY;

/** How a key is at this instant. */
export function conditionOfKey(key: Key, now: number): Condition {
  if (key.revokedAt !== null) return { tone: "off", mark: "cross", word: "Revoked" };
  if (key.expiresAt !== null && key.expiresAt <= now) return { tone: "off", mark: "ring", word: "Expired" };
  if (key.expiresAt !== null && key.expiresAt - now < SOON) return { tone: "warn", mark: "half", word: "Ends soon" };
  return { tone: "good", mark: "full", word: "Valid" };
}

/** When a key ends, in words. */
export function endOf(key: Key, now: number): string {
  if (key.expiresAt === null) return "never";
  const left = key.expiresAt - now;
  return left > 0 ? `in ${duration(left)}` : `${duration(-left)} ago`;
}

/** The keys that still open something first, each group by the newest. */
export function inOrder(keys: readonly Key[], now: number): readonly Key[] {
  const isOver = (key: Key): boolean => key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= now);
  return keys.toSorted((one, other) => Number(isOver(one)) - Number(isOver(other)) || other.createdAt - one.createdAt);
}

export const LIFETIMES = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "one year" },
  { value: "", label: "no end" },
] as const;
export type Lifetime = (typeof LIFETIMES)[number]["value"];

/** When a key of that lifetime ends, in ms UTC, or null. */
export function expiryOf(lifetime: Lifetime, now: number): number | null {
  return lifetime === "" ? null : now + Number(lifetime) * DAY;
}

/** The first letters of a name, for the round mark beside it. */
export function initialsOf(person: Person): string {
  const words = (person.displayName || person.email).split(/[\s@.]+/).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const letters = words.slice(0, 2).map((word) => word.slice(0, 1).toUpperCase());
  return letters.join("") || "?";
}

/** Where somebody signs in, as a host. */
export function signInOf(person: Person): string {
  if (person.identityProvider === null) return "–";
  try {
    return new URL(person.identityProvider).host;
  } catch {
    return person.identityProvider;
  }
}

/** What was changed of somebody, in words. */
export function sayChange(email: string, change: { readonly role?: Role; readonly isActive?: boolean }): string {
  if (change.role !== undefined)
    return `${email} is ${ROLES.find((one) => one.value === change.role)?.label ?? change.role} now`;
  return change.isActive === true ? `${email} may sign in again` : `${email} may not sign in any more`;
}
