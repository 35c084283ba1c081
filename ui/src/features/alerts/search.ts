/** What the address of the list of alerts says: which alerts are shown, or what people were told of them. */
import type { AlertFilter, AlertStatus } from "@/lib/resources/alerts";
import type { DeliveryStatus } from "@/lib/resources/deliveries";
import { isTimeframe } from "@/lib/time";

export const STATUSES = ["fired", "late", "amended", "retracted"] as const satisfies readonly AlertStatus[];

export const TOLD = ["all", "pending", "failed", "delivered", "suppressed"] as const satisfies readonly (
  DeliveryStatus | "all"
)[];

export interface AlertsSearch extends AlertFilter {
  /** Of which deliveries the list is; where it is not said, the list is of alerts. */
  readonly told?: (typeof TOLD)[number];
}

/** Symbols as the server takes them: nothing else is asked for. */
const SYMBOL = /^[^\s:{}*?[\]\\-]{1,20}-[^\s:{}*?[\]\\-]{1,20}$/;
const LABEL = /^[a-z0-9_-]{1,40}$/;

export function alertsSearch(said: Record<string, unknown>): AlertsSearch {
  const symbol = typeof said.symbol === "string" ? said.symbol.toUpperCase() : "";
  const status = STATUSES.find((one) => one === said.status);
  const told = TOLD.find((one) => one === said.told);
  return {
    ...(told !== undefined && { told }),
    ...(typeof said.exchange === "string" && said.exchange !== "" && { exchange: said.exchange }),
    ...(SYMBOL.test(symbol) && { symbol }),
    ...(isTimeframe(said.timeframe) && { timeframe: said.timeframe }),
    ...(typeof said.label === "string" && LABEL.test(said.label) && { label: said.label }),
    ...(status !== undefined && { status }),
  };
}
