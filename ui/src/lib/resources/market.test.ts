import { describe, expect, it } from "vitest";

import type { LiveMessage } from "@/lib/live";
import {
  applyCandles,
  applyReadingsToCandles,
  candlesIn,
  priceIn,
  withPage,
  type CandlePages,
} from "@/lib/resources/market";
import { aReading, aRow, NOON } from "@/testing/builders";

const FIVE = 300_000;

const aCandle = (at: number) => ({
  openTime: NOON + at * FIVE,
  closeTime: NOON + (at + 1) * FIVE,
  open: 1,
  high: 2,
  low: 0.5,
  close: 1.5,
  volume: 3,
  isEmpty: false,
  isConfirmed: true,
  revision: 0,
});

function told(data: unknown): LiveMessage {
  return { kind: "change", data } as LiveMessage;
}

const newsOf = (at: number, symbol = "ZEC-USD") =>
  told({ ...aReading(), openTime: NOON + at * FIVE, closeTime: NOON + (at + 1) * FIVE, symbol, timeframe: "5m" });

const pages: CandlePages = {
  pages: [
    {
      exchangeId: 1,
      exchangeName: "coinbase",
      symbol: "ZEC-USD",
      timeframe: "5m",
      items: [{ ...aCandle(0), reading: aReading() }],
      next: null,
    },
  ],
  pageParams: [null],
};

const read = (old: CandlePages, message: LiveMessage) => applyReadingsToCandles(old, [message], "ZEC-USD", "5m");
const newest = (old: CandlePages) => candlesIn(old).at(-1);

describe("the newest candle of a chart", () => {
  it("has its reading, whichever of the two topics is heard first", () => {
    const candleFirst = read(applyCandles(pages, told(aCandle(1))), newsOf(1));
    const readingFirst = applyCandles(read(pages, newsOf(1)), told(aCandle(1)));
    expect(newest(candleFirst)?.reading?.value).toBe(aReading().value);
    expect(newest(readingFirst)?.openTime).toBe(NOON + FIVE);
    expect(newest(readingFirst)?.reading?.value).toBe(aReading().value);
    expect(readingFirst.early).toEqual([]);
  });

  it("has none of another symbol or of a later candle", () => {
    const after = applyCandles(read(read(pages, newsOf(1, "BTC-USD")), newsOf(2)), told(aCandle(1)));
    expect(newest(after)?.reading ?? null).toBeNull();
    expect(newest(applyCandles(after, told(aCandle(2))))?.reading?.value).toBe(aReading().value);
  });

  it("keeps the reading that it has when it is told of anew without one", () => {
    const confirmed = applyCandles(pages, told({ ...aCandle(0), revision: 1, reading: null }));
    expect(newest(confirmed)?.revision).toBe(1);
    expect(newest(confirmed)?.reading?.value).toBe(aReading().value);
  });
});

describe("candles that were missing", () => {
  const openings = (old: CandlePages) => candlesIn(old).map((candle) => (candle.openTime - NOON) / FIVE);
  const [page] = pages.pages;
  if (page === undefined) throw new Error("no page");
  const holed = [5, 9].reduce((old, at) => applyCandles(old, told(aCandle(at))), pages);

  it("stand in their places when a message brings them later", () => {
    expect(openings([7, 1].reduce((old, at) => applyCandles(old, told(aCandle(at))), holed))).toEqual([0, 1, 5, 7, 9]);
  });

  it("are there once the newest page is asked for anew, with what came meanwhile", () => {
    const anew = { ...page, items: [0, 1, 2, 3, 4, 5, 6, 7, 8].map(aCandle) };
    const whole = withPage(holed, anew);
    expect(openings(whole)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(whole.pages[0]?.items[0]?.reading?.value).toBe(aReading().value);
  });

  it("are filled in the older page that lacks them, and none is put before the oldest", () => {
    const older = { ...page, items: [-5, -2].map(aCandle) };
    const both: CandlePages = { pages: [page, older], pageParams: [null, "older"] };
    const filled = [-3, -1, -9].reduce((old, at) => applyCandles(old, told(aCandle(at))), both);
    expect(openings(filled)).toEqual([-5, -3, -2, -1, 0]);
  });
});

describe("the price of a symbol", () => {
  it("is that of the moment, else the newest close, marked as such, else none", () => {
    const old = aReading({ price: 7, closeTime: NOON - 5 });
    const row = { ...aRow("A-USD", { "1h": old }), readings: { "1h": old, "5m": aReading({ price: 8 }) } };
    const ticker = { symbol: "A-USD", price: 9, time: NOON };
    expect(priceIn({ ...row, ticker })).toEqual({ price: 9, isClose: false });
    expect(priceIn({ ...row, ticker: null })).toEqual({ price: 8, isClose: true });
    expect(priceIn({ ...row, ticker: null, readings: {} })).toBeNull();
  });
});
