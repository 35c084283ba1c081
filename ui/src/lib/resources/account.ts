/** One's own exchanges: where their credentials are kept, by name, and how the latest try to reach them ended. */
import { queryOptions } from "@tanstack/react-query";

import type { components } from "@/api/schema";
import type { ExchangeName } from "@/api/shapes";
import { answer, api } from "@/lib/http";

export type OwnExchange = components["schemas"]["OwnExchange"];
export type SetUp = components["schemas"]["ExchangeSetUp"];

export const ownExchangesQuery = queryOptions({
  queryKey: ["own-exchanges"],
  queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/account/exchanges", { signal }))).items,
});

export function saveExchange(exchange: string, body: SetUp): Promise<OwnExchange> {
  return answer(
    api.PUT("/api/v1/account/exchanges/{exchange}", { params: { path: { exchange: exchange as ExchangeName } }, body }),
  );
}

export async function forgetExchange(exchange: string): Promise<void> {
  await answer(
    api.DELETE("/api/v1/account/exchanges/{exchange}", { params: { path: { exchange: exchange as ExchangeName } } }),
  );
}
