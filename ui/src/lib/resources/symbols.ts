/** Which symbols are watched, what an exchange lists, and what a pasted list means. */
import { queryOptions } from "@tanstack/react-query";

import type { components } from "@/api/schema";
import type { ExchangeName } from "@/api/shapes";
import { answer, api } from "@/lib/http";

type Schemas = components["schemas"];
export type Watched = Schemas["SymbolShown"];
export type Instrument = Schemas["InstrumentShown"];
export type Plan = Schemas["SymbolsPlanned"];
export type LineVerdict = Schemas["VerdictShown"];

/** How often the list is asked for while a symbol in it has no series yet. */
const WARMING_EVERY_MS = 3000;
const FOUND = 40;

export function symbolsQuery(exchange: string) {
  return queryOptions({
    queryKey: ["symbols", exchange],
    queryFn: async ({ signal }) =>
      (
        await answer(
          api.GET("/api/v1/exchanges/{exchange}/symbols", {
            params: { path: { exchange: exchange as ExchangeName } },
            signal,
          }),
        )
      ).items,
    enabled: exchange !== "",
    refetchInterval: (query) =>
      query.state.data?.some((one) => one.isActive && one.quality === null) === true ? WARMING_EVERY_MS : 60_000,
  });
}

export function instrumentsQuery(exchange: string, search: string) {
  return queryOptions({
    queryKey: ["instruments", exchange, search],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/exchanges/{exchange}/instruments", {
          params: { path: { exchange: exchange as ExchangeName }, query: { search, limit: FOUND } },
          signal,
        }),
      ),
    enabled: exchange !== "",
    staleTime: 10_000,
  });
}

export function planQuery(exchange: string, text: string, tier: number) {
  return queryOptions({
    queryKey: ["symbols-plan", exchange, tier, text],
    queryFn: ({ signal }) =>
      answer(
        api.POST("/api/v1/exchanges/{exchange}/symbols/plan", {
          params: { path: { exchange: exchange as ExchangeName } },
          body: { text, tier },
          signal,
        }),
      ),
    enabled: exchange !== "" && text.trim() !== "",
    staleTime: 5000,
  });
}
