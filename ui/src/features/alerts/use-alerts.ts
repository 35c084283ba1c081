/** The alerts that a filter lets through, kept true by the socket. */
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";

import { useTopic } from "@/lib/link";
import {
  alertIn,
  ALERTS_TOPIC,
  alertsIn,
  alertsQuery,
  applyNews,
  KEPT,
  newestOf,
  type AlertFilter,
} from "@/lib/resources/alerts";

export function useAlerts(filter: AlertFilter) {
  const client = useQueryClient();
  const options = alertsQuery(filter);
  const { queryKey } = options;
  const beginAgain = (): void => {
    client.setQueryData(queryKey, (old) => (old === undefined ? old : newestOf(old)));
    void client.invalidateQueries({ queryKey });
  };
  useTopic(ALERTS_TOPIC, (messages) => {
    if (messages.some((message) => message.kind === "dropped")) {
      beginAgain();
      return;
    }
    const news = messages.flatMap((message) => alertIn(message) ?? []);
    if (news.length === 0) return;
    const pages = client.setQueryData(queryKey, (old) =>
      old === undefined ? old : news.reduce((known, alert) => applyNews(known, alert, filter), old),
    );
    if (alertsIn(pages).length > KEPT) beginAgain();
  });
  const query = useInfiniteQuery(options);
  return { query, alerts: alertsIn(query.data), isFull: alertsIn(query.data).length >= KEPT };
}

export type Alerts = ReturnType<typeof useAlerts>;
