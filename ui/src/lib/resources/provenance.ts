/** One alert with all that led to it and all that followed: asked for as a whole, and anew when it is amended. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import type { components } from "@/api/schema";
import type { Alert, ExchangeName } from "@/api/shapes";
import { answer, api } from "@/lib/http";
import type { Timeframe } from "@/lib/time";

type Schemas = components["schemas"];

export type Provenance = Schemas["ProvenanceShown"];
export type Delivery = Schemas["DeliveryShown"];
export type Reevaluation = Schemas["ReevaluationShown"];
export type AlertRevision = Schemas["AlertRevisionShown"];
export type AlertStatus = Alert["status"];

const PAGE = 50;
/** How often deliveries that are under way are asked for: they have no topic of their own. */
const DELIVERY_EVERY_MS = 5000;

export function provenanceQuery(id: string) {
  return queryOptions({
    queryKey: ["provenance", id],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/alerts/{alert_id}/provenance", { params: { path: { alert_id: id } }, signal })),
    refetchInterval: (query) =>
      query.state.data?.deliveries.some((one) => one.status === "pending") === true ? DELIVERY_EVERY_MS : false,
  });
}

/** The alert alone: the stream knows it where the ledger is away or has not caught up. */
export function alertQuery(id: string) {
  return queryOptions({
    queryKey: ["alert", id],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/alerts/{alert_id}", { params: { path: { alert_id: id } }, signal })),
  });
}

export function reevaluate(id: string): Promise<Reevaluation> {
  return answer(api.POST("/api/v1/alerts/{alert_id}/re-evaluation", { params: { path: { alert_id: id } } }));
}

export async function retryDelivery(id: number): Promise<void> {
  await answer(api.POST("/api/v1/deliveries/{delivery_id}/retry", { params: { path: { delivery_id: id } } }));
}

export interface LedgerFilter {
  readonly exchange?: string;
  readonly symbol?: string;
  readonly timeframe?: Timeframe;
  readonly label?: string;
  readonly status?: AlertStatus;
}

/** The pages of the ledger that a filter lets through. */
export function ledgerQuery(filter: LedgerFilter) {
  return infiniteQueryOptions({
    queryKey: ["ledger", filter],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET("/api/v1/alerts", {
          params: { query: { ...filter, exchange: filter.exchange as ExchangeName, cursor: pageParam, limit: PAGE } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next,
  });
}
