import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Candle, Ticker } from "@/api/shapes";
import {
  apartPercent,
  candleAt,
  counterpart,
  emptyPlaces,
  formed,
  gapsIn,
  inTimeOrder,
  lackIn,
  markersOf,
  quietIn,
} from "@/features/chart/model";
import { chartSearch } from "@/features/chart/search";
import { anAlert, aReading, NOON } from "@/testing/builders";

const FIVE = 300_000;

function aCandle(at: number, over: Partial<Candle> = {}): Candle {
  const openTime = NOON + at * FIVE;
  return {
    openTime,
    closeTime: openTime + FIVE,
    open: 1,
    high: 2,
    low: 0.5,
    close: 1.5,
    volume: 3,
    isEmpty: false,
    isConfirmed: true,
    revision: 0,
    reading: null,
    ...over,
  };
}

const ticker = (price: number, time: number): Ticker => ({ symbol: "ZEC-USD", price, time });

describe("a chart", () => {
  it("finds every missing candle between the first and the last, and no other", () => {
    const kept = fc.uniqueArray(fc.nat(60), { minLength: 2 }).map((all) => all.sort((a, b) => a - b));
    fc.assert(
      fc.property(kept, (places) => {
        const gaps = gapsIn(
          places.map((at) => aCandle(at)),
          "5m",
        );
        const missing = (places.at(-1) ?? 0) - (places[0] ?? 0) + 1 - places.length;
        expect(gaps.reduce((sum, gap) => sum + gap.count, 0)).toBe(missing);
        for (const gap of gaps) expect(gap.to - gap.from).toBe((gap.count - 1) * FIVE);
      }),
    );
  });

  it("tells stretches without trades from candles that are missing", () => {
    const candles = [0, 1, 2, 5, 6].map((at) => aCandle(at, { isEmpty: at !== 0 }));
    expect(quietIn(candles).map((one) => [(one.from - NOON) / FIVE, (one.to - NOON) / FIVE, one.count])).toEqual([
      [1, 2, 2],
      [5, 6, 2],
    ]);
    expect(gapsIn(candles, "5m")).toHaveLength(1);
    fc.assert(
      fc.property(fc.array(fc.boolean()), (empties) => {
        const quiet = quietIn(empties.map((isEmpty, at) => aCandle(at, { isEmpty })));
        expect(quiet.reduce((sum, one) => sum + one.count, 0)).toBe(empties.filter(Boolean).length);
      }),
    );
  });

  it("compares with the same asset in the same quote, else in another dollar, and never in another currency", () => {
    const there = ["BTC-USDT", "BTC-EUR", "ETH-USD", "ETH-USDT"];
    expect(["BTC-USD", "ETH-USDT", "BTC-EUR", "SOL-USD", "ETH-EUR"].map((one) => counterpart(one, there))).toEqual([
      "BTC-USDT",
      "ETH-USDT",
      "BTC-EUR",
      null,
      null,
    ]);
    expect([apartPercent(100, 101), apartPercent(null, 1), apartPercent(0, 1)]).toEqual([
      expect.closeTo(1),
      null,
      null,
    ]);
  });

  it("keeps room for a gap, but not for months of it", () => {
    expect(emptyPlaces({ from: NOON, to: NOON + FIVE, count: 2 }, "5m")).toEqual([NOON, NOON + FIVE]);
    expect(emptyPlaces({ from: NOON, to: NOON, count: 9000 }, "5m")).toHaveLength(60);
  });

  it("draws each candle once, in order, as it was last said", () => {
    const candles = inTimeOrder([aCandle(2), aCandle(1), aCandle(2, { close: 9 })]);
    expect(candles.map((candle) => [candle.openTime, candle.close])).toEqual([
      [NOON + FIVE, 1.5],
      [NOON + 2 * FIVE, 9],
    ]);
  });

  it("forms a candle from prices, begins a new one at the boundary, and none out of the past", () => {
    const last = aCandle(0);
    const first = formed(last, ticker(3, last.closeTime + 1), null, "5m");
    expect(first).toEqual({ openTime: last.closeTime, open: 1.5, high: 3, low: 1.5, close: 3 });
    const second = formed(last, ticker(1, last.closeTime + 2), first, "5m");
    expect(second).toMatchObject({ high: 3, low: 1, close: 1 });
    expect(formed(last, ticker(7, last.closeTime - 1), second, "5m")).toBe(second);
    expect(formed(aCandle(1), null, second, "5m")).toBeNull();
    expect(formed(last, ticker(2, last.closeTime + FIVE), second, "5m")?.openTime).toBe(last.closeTime + FIVE);
    expect(formed(undefined, ticker(2, NOON), null, "5m")).toBeNull();
  });

  it("marks alerts of its timeframe on candles that are drawn, and none that was taken back", () => {
    const candles = [aCandle(-1), aCandle(0)];
    const alerts = [
      anAlert(),
      anAlert({ id: "a2", timeframe: "1h" }),
      anAlert({ id: "a3", status: "retracted" }),
      anAlert({ id: "a4", openTime: 0 }),
    ];
    expect(markersOf(alerts, candles, "5m").map((marker) => [marker.id, marker.isAbove])).toEqual([["a1", false]]);
  });

  it("finds a candle by its opening, and none between two", () => {
    const candles = [0, 1, 3, 4].map((at) => aCandle(at));
    for (const candle of candles) expect(candleAt(candles, candle.openTime)).toBe(candle);
    expect([candleAt(candles, NOON + 2 * FIVE), candleAt([], NOON)]).toEqual([null, null]);
  });

  it("takes from the address only what it understands", () => {
    expect(chartSearch({ tf: "4h", at: NOON, with: "binance" })).toEqual({ tf: "4h", at: NOON, with: "binance" });
    expect(chartSearch({ tf: "2h", at: "now", with: 3 })).toEqual({});
  });
});

describe("what is lacking", () => {
  const forming = (at: number) => ({ ...aCandle(at), openTime: NOON + at * FIVE });

  it("is nothing while each candle follows the one before", () => {
    expect(
      lackIn(
        [0, 1, 2].map((at) => aCandle(at)),
        forming(3),
        "5m",
      ),
    ).toBeNull();
    expect(lackIn([], null, "5m")).toBeNull();
  });

  it("is the newest gap, and another word once it is partly filled", () => {
    const holed = [0, 1, 5].map((at) => aCandle(at));
    const less = [0, 1, 2, 5].map((at) => aCandle(at));
    expect(lackIn(holed, forming(6), "5m")).not.toBeNull();
    expect(lackIn(less, forming(6), "5m")).not.toBe(lackIn(holed, forming(6), "5m"));
    expect(lackIn(holed, forming(9), "5m")).toBe(lackIn(holed, null, "5m"));
  });

  it("is the reading of a candle after one that has its own, not of those from before there were any", () => {
    const read = (at: number) => aCandle(at, { reading: aReading() });
    expect(lackIn([aCandle(0), aCandle(1), read(2), read(3)], null, "5m")).toBeNull();
    expect(lackIn([aCandle(0), read(1), aCandle(2), read(3)], null, "5m")).not.toBeNull();
  });

  it("is the newest candle where a later one has prices already", () => {
    expect(lackIn([aCandle(0)], forming(2), "5m")).not.toBeNull();
    expect(lackIn([aCandle(0)], forming(1), "5m")).toBeNull();
  });

  it("is not a gap from before what one answer holds", () => {
    const old = [-9, ...Array.from({ length: 300 }, (_, at) => at)].map((at) => aCandle(at));
    expect(lackIn(old, null, "5m")).toBeNull();
  });
});
