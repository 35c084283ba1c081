/** The kinds of alerts as people tell them apart: a few, however many levels there are. */
import type { Alert } from "@/api/shapes";

export const ALERT_KINDS = ["above", "below", "recovering", "weakening", "late"] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

export const KIND_WORDS: Readonly<Record<AlertKind, string>> = {
  above: "Rises above a level",
  below: "Falls below a level",
  recovering: "Turns up from oversold",
  weakening: "Turns down from overbought",
  late: "Late ones",
};

/** The kind of an alert; one that came late is late, whatever else it is. */
export function kindOf(alert: Pick<Alert, "label" | "status">): AlertKind {
  if (alert.status === "late") return "late";
  if (alert.label === "reversal_oversold") return "recovering";
  if (alert.label === "reversal_overbought") return "weakening";
  return alert.label.startsWith("level_-") ? "below" : "above";
}
