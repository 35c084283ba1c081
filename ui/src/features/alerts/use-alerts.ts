/** The alerts that a filter lets through, kept true by the socket. */
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

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
  const alerts = alertsIn(query.data);
  const isOverfull = alerts.length > KEPT;
  useEffect(() => {
    if (isOverfull) beginAgain();
    // Only when it becomes too full: the function is another one at each drawing.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [isOverfull]);
  return { query, alerts, isFull: alerts.length >= KEPT };
}

export type Alerts = ReturnType<typeof useAlerts>;
