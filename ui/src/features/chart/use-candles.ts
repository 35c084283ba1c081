/** The candles of a series, kept true by the socket, and the one that is forming. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import { formed, inTimeOrder, type Forming } from "@/features/chart/model";
import { useFold, useTopic } from "@/lib/link";
import {
  applyCandles,
  applyReadingsToCandles,
  candlesIn,
  candlesQuery,
  candlesTopic,
  latestTicker,
  readingsTopic,
  tickersTopic,
  type CandlePages,
} from "@/lib/resources/market";
import type { Timeframe } from "@/lib/time";

export function useCandles(exchange: string, symbol: string, timeframe: Timeframe) {
  const options = candlesQuery(exchange, symbol, timeframe);
  const query = useInfiniteQuery(options);
  const isAsked = exchange !== "";
  useFold<CandlePages>(isAsked ? candlesTopic(exchange, symbol, timeframe) : null, options.queryKey, (old, messages) =>
    messages.reduce(applyCandles, old),
  );
  useFold<CandlePages>(isAsked ? readingsTopic(exchange) : null, options.queryKey, (old, messages) =>
    applyReadingsToCandles(old, messages, symbol, timeframe),
  );
  const candles = useMemo(() => inTimeOrder(candlesIn(query.data)), [query.data]);
  return { query, candles };
}

export function useForming(
  exchange: string,
  symbol: string,
  timeframe: Timeframe,
  last: Parameters<typeof formed>[0],
): Forming | null {
  const key = `${exchange} ${symbol} ${timeframe}`;
  const [kept, setKept] = useState<{ key: string; forming: Forming | null }>({ key, forming: null });
  useTopic(tickersTopic(exchange), (messages) => {
    const ticker = latestTicker(messages, symbol);
    setKept((old) => ({ key, forming: formed(last, ticker, old.key === key ? old.forming : null, timeframe) }));
  });
  return kept.key === key ? formed(last, null, kept.forming, timeframe) : null;
}
