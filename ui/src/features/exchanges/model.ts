/** What an exchange costs, allows and forbids, in words, and how one's own account on it is connected. */
import type { Exchange } from "@/api/shapes";
import type { Condition } from "@/lib/condition";
import { count, decimal } from "@/lib/format";
import type { Command } from "@/lib/resources/commands";
import type { OwnExchange, SetUp } from "@/lib/resources/account";

const LIMITS: Readonly<Record<string, string>> = {
  restRequestsPerSecond: "REST requests a second",
  restWeightPerMinute: "REST weight a minute",
  wsConnectionsPerIp: "sockets from one address",
  wsConnectionsPer5Minutes: "new sockets in 5 minutes",
  wsMessagesPerSecond: "messages a second on a socket",
  ordersPer10Seconds: "orders in 10 seconds",
  decayPerSecond: "calls given back a second",
};

export interface Limit {
  readonly name: string;
  readonly value: string;
}

/** The limits that the exchange publishes; one that nobody has words for keeps its own name. */
export function limitsOf(exchange: Exchange): readonly Limit[] {
  return Object.entries(exchange.apiLimits).map(([name, value]) => ({
    name: LIMITS[name] ?? name.replaceAll(/([A-Z]|\d+)/g, " $1").toLowerCase(),
    value: typeof value === "number" ? (Number.isInteger(value) ? count(value) : decimal(value, 2)) : String(value),
  }));
}

const REGIONS: Readonly<Record<string, string>> = { US: "the United States" };

function places(value: unknown): string {
  return Array.isArray(value) ? value.map((place) => REGIONS[String(place)] ?? String(place)).join(", ") : "";
}

export interface Geography {
  readonly text: string;
  readonly isRestricted: boolean;
}

/** From where the exchange may be used. */
export function geographyOf(exchange: Exchange): Geography {
  const { blocked, only, httpStatus } = exchange.geoRestrictions;
  if (only !== undefined) return { text: `Only from ${places(only)}`, isRestricted: true };
  if (blocked !== undefined) {
    const answer = typeof httpStatus === "number" ? `; it answers ${httpStatus} there` : "";
    return { text: `Not from ${places(blocked)}${answer}`, isRestricted: true };
  }
  return { text: "No restriction is known", isRestricted: false };
}

/** A fee as a share in per cent: 0.006 is 0.6 %. */
export function feeOf(fee: string): string {
  const share = Number(fee) * 100;
  return `${decimal(share, share !== 0 && share < 0.1 ? 3 : 2).replace(/\.?0+$/, "")} %`;
}

/** How one's own account on an exchange is connected. */
export function connectionOf(own: OwnExchange | null): Condition {
  if (own === null) return { tone: "off", mark: "dash", word: "Not set up" };
  if (!own.isEnabled || own.connectionStatus === "disabled") return { tone: "off", mark: "ring", word: "Disabled" };
  if (own.connectionStatus === "connected") return { tone: "good", mark: "full", word: "Connected" };
  if (own.connectionStatus === "failed") return { tone: "bad", mark: "cross", word: "Failed" };
  return { tone: "neutral", mark: "ring", word: "Not tried yet" };
}

/** What a key may do beyond reading, which Livermore never needs. */
export function excessOf(own: OwnExchange): string | null {
  if (own.canTransfer === true) return "This key may move funds. Livermore only reads: make one that cannot.";
  if (own.canTrade === true) return "This key may trade. Livermore only reads: a key for viewing is enough.";
  return null;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const LONGEST = 100;
/** Names this long have an underscore somewhere; keys have none. */
const LONGEST_PLAIN = 30;

export type Fields = Readonly<Record<"apiKeyEnv" | "apiSecretEnv" | "passwordEnv", string>>;

/** Why a text cannot be the name of an environment variable, or null; nothing at all is no mistake. */
export function nameProblem(text: string): string | null {
  const word = text.trim();
  if (word === "") return null;
  if (word.length > LONGEST) return `A name has at most ${LONGEST} characters.`;
  if (/^-----|[/+=]|[\s-]/.test(word) || (word.length > LONGEST_PLAIN && !word.includes("_")))
    return "This looks like a secret itself. Write the name of the variable that holds it.";
  return NAME.test(word) ? null : "A name has letters, digits and underscores, and begins with none of the digits.";
}

/** What is sent to keep a set-up. */
export function setUpOf(fields: Fields, more: Pick<SetUp, "displayName" | "isEnabled" | "isDefault">): SetUp {
  const named = (text: string): string | null => (text.trim() === "" ? null : text.trim());
  return {
    ...more,
    apiKeyEnv: named(fields.apiKeyEnv),
    apiSecretEnv: named(fields.apiSecretEnv),
    passwordEnv: named(fields.passwordEnv),
  };
}

export interface Finding {
  readonly name: string;
  readonly value: string;
}

/** What a test of the connection found, in the order in which the instance tells it. */
export function findingsOf(command: Command): readonly Finding[] {
  return Object.entries(command.details).map(([name, value]) => ({
    name: name.replaceAll(/([A-Z])/g, " $1").toLowerCase(),
    value: spelled(value),
  }));
}

function spelled(value: unknown): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "string" ? value : JSON.stringify(value);
}
