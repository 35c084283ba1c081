/** What the address of the list of alerts says: which alerts are shown. */
import type { AlertFilter, AlertStatus } from "@/lib/resources/alerts";
import { isTimeframe } from "@/lib/time";

export const STATUSES = ["fired", "late", "amended", "retracted"] as const satisfies readonly AlertStatus[];

/** Symbols as the server takes them: nothing else is asked for. */
const SYMBOL = /^[^\s:{}*?[\]\\-]{1,20}-[^\s:{}*?[\]\\-]{1,20}$/;
const LABEL = /^[a-z0-9_-]{1,40}$/;

export function alertsSearch(said: Record<string, unknown>): AlertFilter {
  const symbol = typeof said.symbol === "string" ? said.symbol.toUpperCase() : "";
  const status = STATUSES.find((one) => one === said.status);
  return {
    ...(typeof said.exchange === "string" && said.exchange !== "" && { exchange: said.exchange }),
    ...(SYMBOL.test(symbol) && { symbol }),
    ...(isTimeframe(said.timeframe) && { timeframe: said.timeframe }),
    ...(typeof said.label === "string" && LABEL.test(said.label) && { label: said.label }),
    ...(status !== undefined && { status }),
  };
}
