/** What one holds on an exchange and what trading there has cost; the instance reads it on demand, prices are the cache's. */
import { queryOptions } from "@tanstack/react-query";

import type { components } from "@/api/schema";
import type { ExchangeName } from "@/api/shapes";
import { answer, api } from "@/lib/http";

export type Portfolio = components["schemas"]["PortfolioShown"];
export type Holding = components["schemas"]["HoldingShown"];
export type Outlook = components["schemas"]["Outlook"];
export type Fees = components["schemas"]["FeesShown"];
export type FeeLine = components["schemas"]["FeeLineShown"];

/** How often prices are asked for anew: a portfolio has no topic. */
const PRICED_EVERY_MS = 10_000;

export function portfolioQuery(exchange: string) {
  return queryOptions({
    queryKey: ["portfolio", exchange],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/account/exchanges/{exchange}/portfolio", {
          params: { path: { exchange: exchange as ExchangeName } },
          signal,
        }),
      ),
    enabled: exchange !== "",
    refetchInterval: PRICED_EVERY_MS,
  });
}

export function feesQuery(exchange: string) {
  return queryOptions({
    queryKey: ["fees", exchange],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/account/exchanges/{exchange}/fees", {
          params: { path: { exchange: exchange as ExchangeName } },
          signal,
        }),
      ),
    enabled: exchange !== "",
  });
}
