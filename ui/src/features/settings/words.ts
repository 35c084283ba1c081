/** How the places of the settings are called in the form. */
import { pathOf } from "@/features/settings/document";

const WORDS: Readonly<Record<string, readonly [string, string?]>> = {
  profile: ["Profile"],
  runtime: ["How instances run"],
  exchanges: ["Exchanges"],
  symbols: ["Symbols"],
  alerts: ["Alerts"],
  notifications: ["Notifications"],
  name: ["Name"],
  timezone: ["Time zone", "such as Europe/London"],
  locale: ["Language and region", "such as en-GB"],
  currency: ["Currency"],
  primaryExchange: ["Exchange of choice", "where nothing else is chosen"],
  mode: ["What is watched"],
  alertsOn: ["Alerts on candles that are"],
  lateAfterSeconds: ["Late after", "seconds; empty: one timeframe"],
  autoStart: ["Start by itself"],
  isEnabled: ["Switched on"],
  apiKeyEnv: ["Variable with the key"],
  apiSecretEnv: ["Variable with the secret"],
  passwordEnv: ["Variable with the passphrase"],
  mostTraded: ["The most traded", "how many"],
  always: ["Always watched", "separated by commas"],
  never: ["Never watched", "separated by commas"],
  firstLevel: ["First level", "points of MACD-V"],
  levelStep: ["Next levels every", "points"],
  hysteresis: ["Falls back by", "points, before a level counts again"],
  oversoldBuffer: ["Turn from oversold", "share of the value, 0.05 is 5 %"],
  overboughtBuffer: ["Turn from overbought", "share of the value"],
  shortestCooldownSeconds: ["Cooldown at least", "seconds"],
  noise: ["How loud"],
  level: ["Levels"],
  reversalOversold: ["Turns from oversold"],
  reversalOverbought: ["Turns from overbought"],
  channels: ["Channels"],
  id: ["Id", "small letters and hyphens"],
  kind: ["Kind"],
  urlEnv: ["Variable with the address", "such as LIVERMORE_CHANNEL_PHONE"],
  types: ["Only kinds", "none: all"],
  timeframes: ["Only timeframes", "none: all"],
  hasChart: ["With a chart"],
  groupAfterSeconds: ["One message for", "seconds of alerts"],
  mostAlertsPerMessage: ["Alerts in one message", "at most"],
  watchdogHourUtc: ["A sign of life at", "hour, UTC; empty: none"],
  quietHours: ["Quiet hours"],
  fromHour: ["From", "hour"],
  toHour: ["To", "hour"],
};

/** The word for a name of the settings, and what has to be known to fill it in. */
export function wordFor(name: string): { readonly label: string; readonly hint: string | null } {
  const [label, hint] = Object.hasOwn(WORDS, name) ? (WORDS[name] ?? [name]) : [name];
  return { label, hint: hint ?? null };
}

/** A description for people: what it names in backticks is called as the form calls it. */
export function inWords(description: string): string {
  return description.replaceAll(/`+(\w+)`+/g, (_, name: string) => {
    const camel = name.replaceAll(/_(\w)/g, (_all, letter: string) => letter.toUpperCase());
    return Object.hasOwn(WORDS, camel) ? `“${wordFor(camel).label}”` : name;
  });
}

/** A place of the settings as a way of words: Alerts › First level. */
export function placeInWords(pointer: string): string {
  const path = pathOf(pointer);
  return path.length === 0 ? "Settings" : path.map((name) => wordFor(name).label).join(" › ");
}
