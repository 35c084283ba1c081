/** The alerts that a filter lets through, kept true by the socket. */
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import type { Alert } from "@/api/shapes";
import { arrivedIn } from "@/features/alerts/model";
import { useFold } from "@/lib/link";
import {
  alertIn,
  ALERTS_TOPIC,
  alertsIn,
  alertsQuery,
  applyNews,
  KEPT,
  newestOf,
  type AlertFilter,
  type AlertPages,
} from "@/lib/resources/alerts";

export function useAlerts(filter: AlertFilter) {
  const client = useQueryClient();
  const options = alertsQuery(filter);
  const { queryKey } = options;
  const beginAgain = (): void => {
    client.setQueryData(queryKey, (old) => (old === undefined ? old : newestOf(old)));
    void client.invalidateQueries({ queryKey, exact: true });
  };
  useFold<AlertPages>(
    ALERTS_TOPIC,
    queryKey,
    (old, messages) =>
      messages
        .flatMap((message) => alertIn(message) ?? [])
        .reduce((known, alert) => applyNews(known, alert, filter), old),
    beginAgain,
  );
  const query = useInfiniteQuery(options);
  const alerts = useMemo(() => alertsIn(query.data), [query.data]);
  const isOverfull = alerts.length > KEPT;
  useEffect(() => {
    if (isOverfull) beginAgain();
    // Only when it becomes too full: the function is another one at each drawing.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [isOverfull]);
  const arrivals = useArrivals(query.data === undefined ? null : alerts, JSON.stringify(filter));
  return { query, alerts, isFull: alerts.length >= KEPT, ...arrivals };
}

/** What came since the list was on the screen; `settle` says that its arrival has been shown. */
function useArrivals(alerts: readonly Alert[] | null, list: string) {
  const [seen, setSeen] = useState<{ list: string; newest: string | null } | null>(null);
  const newest = alerts?.[0]?.id ?? null;
  const isSeen =
    seen?.list === list && (seen.newest === null || alerts?.some((one) => one.id === seen.newest) === true);
  if (alerts !== null && !isSeen) setSeen({ list, newest });
  const arrived = useMemo(
    () => (alerts === null || !isSeen ? NONE : arrivedIn(alerts, seen.newest)),
    [alerts, isSeen, seen],
  );
  // One function for as long as the list is the same one: a row that was drawn with an older one would keep the alerts
  // of that time alive.
  const latest = useRef(alerts);
  useEffect(() => {
    latest.current = alerts;
  });
  const settle = useCallback(
    (id: string) => {
      // Several end at once: only the topmost of them counts.
      setSeen((old) => (arrivedIn(latest.current ?? [], old?.newest ?? null).has(id) ? { list, newest: id } : old));
    },
    [list],
  );
  return { arrived, settle };
}

const NONE: ReadonlySet<string> = new Set();

export type Alerts = ReturnType<typeof useAlerts>;
