/** Readings, candles and prices: asked for once, then kept by the socket. */
import { infiniteQueryOptions, queryOptions, type InfiniteData } from "@tanstack/react-query";

import type { Candle, CandlePage, ExchangeName, Matrix, MatrixRow, Reading, Ticker } from "@/api/shapes";
import { answer, api } from "@/lib/http";
import type { LiveMessage } from "@/lib/live";
import { isTimeframe, type Timeframe } from "@/lib/time";

export const exchangesQuery = queryOptions({
  queryKey: ["exchanges"],
  queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/exchanges", { signal }))).items,
  staleTime: 10 * 60_000,
});

export const readingsTopic = (exchange: string): string => `readings:${exchange}`;
export const tickersTopic = (exchange: string): string => `tickers:${exchange}`;
export const candlesTopic = (exchange: string, symbol: string, timeframe: Timeframe): string =>
  `candles:${exchange}:${symbol}:${timeframe}`;

export function matrixQuery(exchange: string) {
  return queryOptions({
    queryKey: ["readings", exchange],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/exchanges/{exchange}/readings", {
          params: { path: { exchange: exchange as ExchangeName } },
          signal,
        }),
      ),
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
  const from = messages.findLastIndex((message) => message.kind === "snapshot" && isMatrix(message.data));
  const whole = messages[from];
  return withNews(whole === undefined ? matrix : (whole.data as Matrix), messages.slice(from + 1));
}

function isMatrix(data: unknown): boolean {
  return typeof data === "object" && data !== null && Array.isArray((data as Partial<Matrix>).items);
}

function withNews(matrix: Matrix, messages: readonly LiveMessage[]): Matrix {
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

/** The newest close that these messages tell of, snapshots included; null where they tell of none. */
export function newestClose(messages: readonly LiveMessage[]): number | null {
  const closes = messages.flatMap(({ data }) =>
    isMatrix(data)
      ? (data as Matrix).items.flatMap((row) => Object.values(row.readings).map((one) => one.closeTime))
      : readingsIn(data).map((one) => one.closeTime),
  );
  return closes.length === 0 ? null : closes.reduce((one, other) => Math.max(one, other));
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

export interface ShownPrice {
  readonly price: number;
  /** Whether it is the close of the newest candle, as of a symbol that is too quiet for a price of this minute. */
  readonly isClose: boolean;
}

/** The price of a symbol: that of the moment, else that at which its newest candle closed; null where neither is known. */
export function priceIn(row: MatrixRow | null | undefined): ShownPrice | null {
  if (row?.ticker != null) return { price: row.ticker.price, isClose: false };
  const closed = Object.values(row?.readings ?? {});
  if (closed.length === 0) return null;
  return { price: closed.reduce((one, other) => (other.closeTime > one.closeTime ? other : one)).price, isClose: true };
}

/** The latest ticker of one symbol among these messages. */
export function latestTicker(messages: readonly LiveMessage[], symbol: string): Ticker | null {
  return messages.flatMap((message) => tickersIn(message.data)).findLast((ticker) => ticker.symbol === symbol) ?? null;
}

export const CANDLES_A_PAGE = 300;

function candlePage(
  [, exchange, symbol, timeframe]: ReturnType<typeof candlesKey>,
  cursor: string | null,
  signal: AbortSignal,
): Promise<CandlePage> {
  return answer(
    api.GET("/api/v1/exchanges/{exchange}/candles/{symbol}/{timeframe}", {
      params: {
        path: { exchange: exchange as ExchangeName, symbol, timeframe },
        query: { cursor, limit: CANDLES_A_PAGE },
      },
      signal,
    }),
  );
}

const candlesKey = (exchange: string, symbol: string, timeframe: Timeframe) =>
  ["candles", exchange, symbol, timeframe] as const;

/** The newest page of candles, whatever is kept of them. */
export function newestCandles(
  exchange: string,
  symbol: string,
  timeframe: Timeframe,
  signal: AbortSignal,
): Promise<CandlePage> {
  return candlePage(candlesKey(exchange, symbol, timeframe), null, signal);
}

export function candlesQuery(exchange: string, symbol: string, timeframe: Timeframe) {
  const key = candlesKey(exchange, symbol, timeframe);
  return infiniteQueryOptions({
    queryKey: key,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => candlePage(key, pageParam, signal),
    getNextPageParam: (page) => page.next,
    enabled: exchange !== "" && symbol !== "",
  });
}

/** So many readings wait for their candle: of one series seldom more than one does. */
const MOST_EARLY = 50;

export interface CandlePages extends InfiniteData<CandlePage> {
  /** Readings that came before the candle they are of: the two come by topics of their own. */
  readonly early?: readonly ReadingNews[];
}

/** All candles of these pages, oldest first. */
export function candlesIn(pages: InfiniteData<CandlePage> | undefined): readonly Candle[] {
  return pages?.pages.toReversed().flatMap((page) => page.items) ?? [];
}

/** The pages with what a message says of candles: new ones at the end or where they were missing, known ones in their place. */
export function applyCandles(pages: CandlePages, message: LiveMessage): CandlePages {
  const data = message.data as Partial<CandlePage> | null;
  const found = message.kind === "snapshot" && Array.isArray(data?.items) ? (data.items as unknown[]) : [message.data];
  return found.filter(isCandle).reduce(withCandle, pages);
}

/** The pages with what a page asked for anew has of them: what was missing in between is there afterwards. */
export function withPage(pages: CandlePages, page: CandlePage): CandlePages {
  return page.items.reduce(withCandle, pages);
}

function isCandle(data: unknown): data is Candle {
  const candle = data as Partial<Candle> | null;
  return typeof candle?.openTime === "number" && typeof candle.close === "number";
}

function withCandle(pages: CandlePages, candle: Candle): CandlePages {
  const [newest, ...older] = pages.pages;
  const last = newest?.items.at(-1);
  if (newest === undefined) return pages;
  if (last === undefined || candle.openTime > last.openTime) {
    const { early = [], ...rest } = pages;
    const waited = early.findLast((news) => news.openTime === candle.openTime);
    const whole = waited === undefined || candle.reading != null ? candle : { ...candle, reading: waited };
    const still = early.filter((news) => news.openTime > candle.openTime);
    return { ...rest, early: still, pages: [{ ...newest, items: [...newest.items, whole] }, ...older] };
  }
  // A candle that is told of without its reading takes none away that is known.
  const { reading, ...bare } = candle;
  const isKnown = pages.pages.some((page) => page.items.some((item) => item.openTime === candle.openTime));
  return isKnown ? inPlace(pages, candle.openTime, reading == null ? bare : candle) : between(pages, candle);
}

/** The pages with a candle that was missing between two of them; one from before all of them is left out. */
function between(pages: CandlePages, candle: Candle): CandlePages {
  const at = pages.pages.findIndex((page) => (page.items[0]?.openTime ?? Infinity) < candle.openTime);
  const filled = pages.pages.map((page, number) => {
    if (number !== at) return page;
    const after = page.items.findIndex((item) => item.openTime > candle.openTime);
    return { ...page, items: page.items.toSpliced(after < 0 ? page.items.length : after, 0, candle) };
  });
  return { ...pages, pages: filled };
}

function inPlace(pages: CandlePages, openTime: number, over: Partial<Candle>): CandlePages {
  const replaced = pages.pages.map((page) =>
    page.items.some((item) => item.openTime === openTime)
      ? { ...page, items: page.items.map((item) => (item.openTime === openTime ? { ...item, ...over } : item)) }
      : page,
  );
  return { ...pages, pages: replaced };
}

/** The pages with the readings of one series at their candles: the stream tells candle and reading apart. */
export function applyReadingsToCandles(
  pages: CandlePages,
  messages: readonly LiveMessage[],
  symbol: string,
  timeframe: Timeframe,
): CandlePages {
  return messages
    .flatMap((message) => readingsIn(message.data))
    .filter((news) => news.symbol === symbol && news.timeframe === timeframe)
    .reduce(withReading, pages);
}

function withReading(pages: CandlePages, reading: ReadingNews): CandlePages {
  const last = pages.pages[0]?.items.at(-1);
  if (last === undefined || reading.openTime > last.openTime)
    return { ...pages, early: [...(pages.early ?? []), reading].slice(-MOST_EARLY) };
  return inPlace(pages, reading.openTime, { reading });
}
