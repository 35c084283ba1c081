/** What two exchanges say of the same asset: asked for once, then kept by the socket. */
import { queryOptions } from "@tanstack/react-query";

import type { CrossSignals } from "@/api/shapes";
import { answer, api } from "@/lib/http";
import type { LiveMessage } from "@/lib/live";

export const CROSS_TOPIC = "cross";

export const crossQuery = queryOptions({
  queryKey: ["cross"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/signals/cross", { signal })),
});

/** The signals as the newest message says them whole; one that cannot be read changes nothing. */
export function applyCross(old: CrossSignals, messages: readonly LiveMessage[]): CrossSignals {
  return messages.reduce((last, { data }) => (isCross(data) ? data : last), old);
}

function isCross(data: unknown): data is CrossSignals {
  const told = data as Partial<CrossSignals> | null;
  return Array.isArray(told?.spreads) && Array.isArray(told.leads) && typeof told.time === "number";
}
