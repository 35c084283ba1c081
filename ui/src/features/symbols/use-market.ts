/** Prices and readings beside the symbols, kept true by the socket. */
import { useQuery, useQueryClient } from "@tanstack/react-query";

import type { Matrix } from "@/api/shapes";
import { useTopic } from "@/lib/link";
import type { LiveMessage } from "@/lib/live";
import { applyReadings, applyTickers, matrixQuery, readingsTopic, tickersTopic } from "@/lib/resources/market";

type Apply = (matrix: Matrix, messages: readonly LiveMessage[]) => Matrix;

export function useMarket(exchange: string) {
  const client = useQueryClient();
  const { queryKey } = matrixQuery(exchange);
  const fold = (apply: Apply) => (messages: readonly LiveMessage[]) => {
    if (messages.some((message) => message.kind === "dropped")) void client.invalidateQueries({ queryKey });
    else client.setQueryData<Matrix>(queryKey, (old) => (old === undefined ? old : apply(old, messages)));
  };
  useTopic(exchange === "" ? null : readingsTopic(exchange), fold(applyReadings));
  useTopic(exchange === "" ? null : tickersTopic(exchange), fold(applyTickers));
  return useQuery(matrixQuery(exchange));
}
