/** Readings, candles and prices: asked for once, then kept by the socket. */
import { infiniteQueryOptions, queryOptions, type InfiniteData } from "@tanstack/react-query";

import type { Candle, CandlePage, Exchange, Matrix, MatrixRow, Reading, Ticker } from "@/api/shapes";
import { ask } from "@/lib/http";
import type { LiveMessage } from "@/lib/live";
import { isTimeframe, type Timeframe } from "@/lib/time";

export const exchangesQuery = queryOptions({
  queryKey: ["exchanges"],
  queryFn: async ({ signal }) => (await ask<{ items: readonly Exchange[] }>("/exchanges", { signal })).items,
  staleTime: 10 * 60_000,
});

export const readingsTopic = (exchange: string): string => `readings:${exchange}`;
export const tickersTopic = (exchange: string): string => `tickers:${exchange}`;
export const candlesTopic = (exchange: string, symbol: string, timeframe: Timeframe): string =>
  `candles:${exchange}:${symbol}:${timeframe}`;

export function matrixQuery(exchange: string) {
  return queryOptions({
    queryKey: ["readings", exchange],
    queryFn: ({ signal }) => ask<Matrix>(`/exchanges/${encodeURIComponent(exchange)}/readings`, { signal }),
    enabled: exchange !== "",
  });
}

export interface ReadingNews extends Reading {
  readonly symbol: string;
  readonly timeframe: Timeframe;
}

function readingsIn(data: unknown): readonly ReadingNews[] {
  const found = Array.isArray(data) ? (data as unknown[]) : [data];
  return found.filter((item): item is ReadingNews => {
    const news = item as Partial<ReadingNews> | null;
    return typeof news?.symbol === "string" && isTimeframe(news.timeframe) && typeof news.closeTime === "number";
  });
}

/** The matrix with newer readings; an older one than is shown, or one of an unknown symbol, changes nothing. */
export function applyReadings(matrix: Matrix, messages: readonly LiveMessage[]): Matrix {
  const bySymbol = new Map<string, ReadingNews[]>();
  for (const news of messages.flatMap((message) => readingsIn(message.data))) {
    bySymbol.set(news.symbol, [...(bySymbol.get(news.symbol) ?? []), news]);
  }
  if (bySymbol.size === 0) return matrix;
  return { ...matrix, items: matrix.items.map((row) => withReadings(row, bySymbol.get(row.symbol))) };
}

function withReadings(row: MatrixRow, news: readonly ReadingNews[] | undefined): MatrixRow {
  if (news === undefined) return row;
  const readings = { ...row.readings };
  for (const { symbol, timeframe, ...reading } of news) {
    const shown = readings[timeframe];
    if (symbol === row.symbol && (shown === undefined || shown.closeTime <= reading.closeTime))
      readings[timeframe] = reading;
  }
  return { ...row, readings };
}

function tickersIn(data: unknown): readonly Ticker[] {
  const found = Array.isArray(data) ? (data as unknown[]) : [data];
  return found.filter((item): item is Ticker => {
    const ticker = item as Partial<Ticker> | null;
    return typeof ticker?.symbol === "string" && typeof ticker.price === "number";
  });
}

/** The matrix with newer prices. */
export function applyTickers(matrix: Matrix, messages: readonly LiveMessage[]): Matrix {
  const bySymbol = new Map(
    messages.flatMap((message) => tickersIn(message.data)).map((ticker) => [ticker.symbol, ticker]),
  );
  if (bySymbol.size === 0) return matrix;
  const items = matrix.items.map((row) => {
    const ticker = bySymbol.get(row.symbol);
    return ticker === undefined ? row : { ...row, ticker };
  });
  return { ...matrix, items };
}

/** The latest ticker of one symbol among these messages. */
export function latestTicker(messages: readonly LiveMessage[], symbol: string): Ticker | null {
  return messages.flatMap((message) => tickersIn(message.data)).findLast((ticker) => ticker.symbol === symbol) ?? null;
}

const CANDLES_A_PAGE = 300;

export function candlesQuery(exchange: string, symbol: string, timeframe: Timeframe) {
  const path = `/exchanges/${encodeURIComponent(exchange)}/candles/${encodeURIComponent(symbol)}/${timeframe}`;
  return infiniteQueryOptions({
    queryKey: ["candles", exchange, symbol, timeframe],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      ask<CandlePage>(path, { query: { before: pageParam, limit: CANDLES_A_PAGE }, signal }),
    getNextPageParam: (page) => page.next,
    enabled: exchange !== "" && symbol !== "",
  });
}

export type CandlePages = InfiniteData<CandlePage>;

/** All candles of these pages, oldest first. */
export function candlesIn(pages: CandlePages | undefined): readonly Candle[] {
  return pages?.pages.toReversed().flatMap((page) => page.items) ?? [];
}

/** The pages with a newly closed candle at the end, or with a corrected one in its place. */
export function applyCandle(pages: CandlePages, message: LiveMessage): CandlePages {
  const candle = message.data as Partial<Candle> | null;
  const [newest, ...older] = pages.pages;
  if (message.kind !== "change" || typeof candle?.openTime !== "number" || newest === undefined) return pages;
  const known = candle as Candle;
  const last = newest.items.at(-1);
  if (last === undefined || known.openTime > last.openTime) {
    return { ...pages, pages: [{ ...newest, items: [...newest.items, known] }, ...older] };
  }
  const replaced = pages.pages.map((page) => ({
    ...page,
    items: page.items.map((item) => (item.openTime === known.openTime ? { ...item, ...known } : item)),
  }));
  return { ...pages, pages: replaced };
}
