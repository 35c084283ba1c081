/** The alerts: pages of the ledger, and on top of them what the socket brings. */
import { infiniteQueryOptions, type InfiniteData } from "@tanstack/react-query";

import type { Alert, AlertPage, ExchangeName } from "@/api/shapes";
import { answer, api } from "@/lib/http";
import { whileAway } from "@/lib/query";
import type { LiveMessage } from "@/lib/live";
import type { Timeframe } from "@/lib/time";

export const ALERTS_TOPIC = "alerts";
const PAGE = 50;
const LEDGER_EVERY_MS = 8000;
/** The most alerts that a list keeps; beyond, the older ones are let go, and are fetched again when they are asked for. */
export const KEPT = 1000;

export type AlertStatus = Alert["status"];

export interface AlertFilter {
  readonly exchange?: string;
  readonly symbol?: string;
  readonly timeframe?: Timeframe;
  readonly label?: string;
  readonly status?: AlertStatus;
}

export function alertsQuery(filter: AlertFilter) {
  return infiniteQueryOptions({
    queryKey: ["alerts", filter],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET("/api/v1/alerts", {
          params: { query: { ...filter, exchange: filter.exchange as ExchangeName, cursor: pageParam, limit: PAGE } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next,
    // Sharing goes by place: one alert more on top would have every other one compared with its neighbour, and copied.
    structuralSharing: false,
    // While the ledger is away the stream stands in for it: what it does not tell is asked for until it is back.
    refetchInterval: (query) => (query.state.data?.pages[0]?.source === "stream" ? LEDGER_EVERY_MS : whileAway(query)),
  });
}

/** The alert that a message brings, or null where it brings none that can be read. */
export function alertIn(message: LiveMessage): Alert | null {
  const alert = message.data as Partial<Alert> | null;
  return message.kind === "change" && typeof alert?.id === "string" && typeof alert.label === "string"
    ? (alert as Alert)
    : null;
}

/** Whether a filter lets an alert through. */
export function passes(alert: Alert, filter: AlertFilter): boolean {
  return (
    (filter.exchange === undefined || filter.exchange === alert.exchangeName) &&
    (filter.symbol === undefined || filter.symbol === alert.symbol) &&
    (filter.timeframe === undefined || filter.timeframe === alert.timeframe) &&
    (filter.label === undefined || filter.label === alert.label) &&
    (filter.status === undefined || filter.status === alert.status)
  );
}

export type AlertPages = InfiniteData<AlertPage>;

/** The filtered pages with news: on top, in its old place, or gone where the filter does not let it through any more. */
export function applyNews(pages: AlertPages, alert: Alert, filter: AlertFilter): AlertPages {
  if (passes(alert, filter)) return applyAlert(pages, alert);
  if (!pages.pages.some((page) => page.items.some((item) => item.id === alert.id))) return pages;
  const left = pages.pages.map((page) => ({ ...page, items: page.items.filter((item) => item.id !== alert.id) }));
  return { ...pages, pages: left };
}

/** The newest page alone: what is asked for again then costs one request, however far somebody has read back. */
export function newestOf(pages: AlertPages): AlertPages {
  const [first] = pages.pages;
  if (first === undefined) return pages;
  return { pages: [{ ...first, items: first.items.slice(0, PAGE) }], pageParams: [null] };
}

/** The pages with one more alert on top, or with the amended one in its old place; the same alert is never there twice. */
export function applyAlert(pages: AlertPages, alert: Alert): AlertPages {
  const isKnown = pages.pages.some((page) => page.items.some((item) => item.id === alert.id));
  const [first, ...rest] = pages.pages;
  if (isKnown) {
    const replaced = pages.pages.map((page) => ({
      ...page,
      items: page.items.map((item) => (item.id === alert.id ? alert : item)),
    }));
    return { ...pages, pages: replaced };
  }
  if (first === undefined) return pages;
  return { ...pages, pages: [{ ...first, items: [alert, ...first.items] }, ...rest] };
}

/** All alerts of these pages, newest first. */
export function alertsIn(pages: AlertPages | undefined): readonly Alert[] {
  return pages?.pages.flatMap((page) => page.items) ?? [];
}
