/** The matrix of an exchange, kept true by the socket. */
import { useQuery } from "@tanstack/react-query";

import type { Matrix } from "@/api/shapes";
import { useFold } from "@/lib/link";
import { applyReadings, applyTickers, matrixQuery, readingsTopic, tickersTopic } from "@/lib/resources/market";

export function useMatrix(exchange: string) {
  const { queryKey } = matrixQuery(exchange);
  useFold<Matrix>(exchange === "" ? null : readingsTopic(exchange), queryKey, applyReadings);
  useFold<Matrix>(exchange === "" ? null : tickersTopic(exchange), queryKey, applyTickers);
  return useQuery(matrixQuery(exchange));
}
