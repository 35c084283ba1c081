/** How an exchange is called for people: Binance US, where its own name is binance_us. */
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";

import { exchangesQuery } from "@/lib/resources/market";

/** The display name of an exchange by its own; its own where the server has not said any yet. */
export function useExchangeTitle(): (name: string) => string {
  const { data } = useQuery(exchangesQuery);
  return useCallback((name) => data?.find((one) => one.name === name)?.displayName ?? name, [data]);
}
