/** What a portfolio says: money as people read it, what may be left out, and what an outlook means. */
import type { Tone } from "@/lib/colours";
import { decimal } from "@/lib/format";
import type { Holding, Outlook } from "@/lib/resources/portfolio";

const DASH = "\u2013";

/** A sum in dollars with two decimals, or with more where it is below a cent; a dash where it is not known. */
export function dollars(text: string | null): string {
  if (text === null) return DASH;
  const value = Number(text);
  if (value === 0) return decimal(0, 2);
  return decimal(value, Math.abs(value) < 0.01 ? 6 : 2);
}

/** A gain with its sign. */
export function signed(text: string | null): string {
  return text !== null && Number(text) > 0 ? `+${dollars(text)}` : dollars(text);
}

/** A share or a rate of change with two decimals; a sign where it is asked for. */
export function percentText(text: string | null, isSigned = false): string {
  if (text === null) return DASH;
  const value = Number(text);
  return `${isSigned && value > 0 ? "+" : ""}${decimal(value, 2)} %`;
}

/** So many decimals of a quantity are shown; the whole of it is in the hint. */
const DECIMALS = 8;

/** A quantity cut to eight decimals, for a column of them; what would then be nothing is kept whole. */
export function shortQuantity(text: string): string {
  const [whole = "", fraction = ""] = text.split(".");
  const cut = `${whole}.${fraction.slice(0, DECIMALS)}`;
  return quantity(Number(cut) === 0 ? text : cut);
}

/** A quantity without the zeros that say nothing, thousands grouped. */
export function quantity(text: string): string {
  const [whole = "0", fraction = ""] = text.split(".");
  const trimmed = fraction.replace(/0+$/, "");
  const isNegative = whole.startsWith("-");
  const grouped = whole.replace("-", "").replace(/\B(?=(\d{3})+$)/g, ",");
  return `${isNegative ? "\u2212" : ""}${grouped}${trimmed === "" ? "" : `.${trimmed}`}`;
}

/** A rate that is told as a fraction, as per cent: 0.006 is 0.6 %. */
export function rateText(text: string | null): string {
  return text === null ? DASH : `${decimal(Number(text) * 100, 3).replace(/0$/, "")} %`;
}

/** Whether a number has a good or a bad sound; nothing where it is zero or not known. */
export function toneOfGain(text: string | null): "good" | "bad" | null {
  const value = text === null ? 0 : Number(text);
  return value > 0 ? "good" : value < 0 ? "bad" : null;
}

/** The holdings that are shown, and how many are too small to be. */
export function withoutDust(
  holdings: readonly Holding[],
  isDustShown: boolean,
): { readonly shown: readonly Holding[]; readonly dust: number } {
  const dust = holdings.filter((one) => one.isDust).length;
  return { shown: isDustShown ? holdings : holdings.filter((one) => !one.isDust), dust };
}

export interface OutlookLook {
  readonly word: string;
  readonly mark: string;
  readonly tone: Tone;
}

const OUTLOOKS: Readonly<Record<Outlook, OutlookLook>> = {
  strong_buy: { word: "Strong buy", mark: "▲▲", tone: "good" },
  bullish: { word: "Bullish", mark: "▲", tone: "good" },
  reversal_up: { word: "Turning up", mark: "⤴", tone: "busy" },
  mixed: { word: "Mixed", mark: "=", tone: "neutral" },
  reversal_down: { word: "Turning down", mark: "⤵", tone: "warn" },
  bearish: { word: "Bearish", mark: "▼", tone: "bad" },
  strong_sell: { word: "Strong sell", mark: "▼▼", tone: "bad" },
  no_data: { word: "No data", mark: "–", tone: "off" },
};

/** How an outlook looks; one that a newer server invented is shown as it is called. */
export function outlookLook(outlook: string): OutlookLook {
  return Object.hasOwn(OUTLOOKS, outlook) ? OUTLOOKS[outlook as Outlook] : { word: outlook, mark: "?", tone: "off" };
}

/** The stage that a value alone can tell, for its tint: the signal line is not known here. */
export function zoneOf(value: number | null): string {
  if (value === null) return "unknown";
  if (value <= -150) return "oversold";
  if (value >= 150) return "overbought";
  if (Math.abs(value) < 50) return "ranging";
  return value > 0 ? "rallying" : "reversing";
}
