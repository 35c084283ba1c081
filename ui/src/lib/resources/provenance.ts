/** One alert with all that led to it and all that followed: asked for as a whole, and anew when it is amended. */
import { queryOptions } from "@tanstack/react-query";

import type { components } from "@/api/schema";
import { answer, api } from "@/lib/http";
import { whileAway } from "@/lib/query";

type Schemas = components["schemas"];

export type Provenance = Schemas["ProvenanceShown"];
export type Delivery = Schemas["DeliveryShown"];
export type Reevaluation = Schemas["ReevaluationShown"];
export type AlertRevision = Schemas["AlertRevisionShown"];

/** How often deliveries that are under way are asked for: they have no topic of their own. */
const DELIVERY_EVERY_MS = 5000;

export function provenanceQuery(id: string) {
  return queryOptions({
    queryKey: ["provenance", id],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/alerts/{alert_id}/provenance", { params: { path: { alert_id: id } }, signal })),
    refetchInterval: (query) =>
      query.state.data?.deliveries.some((one) => one.status === "pending") === true
        ? DELIVERY_EVERY_MS
        : whileAway(query),
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
