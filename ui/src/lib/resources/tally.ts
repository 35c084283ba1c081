/** How many alerts a day has, of the ledger. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { answer, api } from "@/lib/http";

const EVERY_MS = 10_000;

/** `since`, ms UTC, is the beginning of the day that is counted. */
export function tallyQuery(since: number) {
  return queryOptions({
    queryKey: ["tally", since],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/alerts/summary", { params: { query: { since } }, signal })),
    refetchInterval: EVERY_MS,
    placeholderData: keepPreviousData,
  });
}
