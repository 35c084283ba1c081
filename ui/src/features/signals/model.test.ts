import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  freshnessOf,
  inOrder,
  isFound,
  isInStage,
  isOutdated,
  keptNow,
  newestCloses,
  ordered,
  stageCounts,
  stepped,
} from "@/features/signals/model";
import { signalsSearch } from "@/features/signals/search";
import { aMatrix, aReading, aRow, NOON } from "@/testing/builders";

const rows = [
  aRow("BTC-USD", { "5m": aReading({ value: 20, stage: "rebounding" }) }, 64_000),
  aRow("ETH-USD", { "5m": aReading({ value: -160, stage: "oversold" }), "1h": aReading({ stage: "rallying" }) }, 3000),
  aRow("SOL-USD", {}, null),
];

describe("the matrix of signals", () => {
  it("sorts by a timeframe's value either way and puts what has none last", () => {
    expect(ordered(rows, "5m", false)).toEqual(["ETH-USD", "BTC-USD", "SOL-USD"]);
    expect(ordered(rows, "5m", true)).toEqual(["BTC-USD", "ETH-USD", "SOL-USD"]);
    expect(ordered(rows, "price", true)).toEqual(["BTC-USD", "ETH-USD", "SOL-USD"]);
  });

  it("loses no symbol and invents none, however it is sorted", () => {
    const some = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[A-Z]{2,5}$/), fc.option(fc.double({ noNaN: true }))), {
      selector: ([name]) => name,
    });
    fc.assert(
      fc.property(some, fc.boolean(), (entries, isDescending) => {
        const made = entries.map(([name, value]) => aRow(name, value === null ? {} : { "5m": aReading({ value }) }));
        expect([...ordered(made, "5m", isDescending)].sort()).toEqual(entries.map(([name]) => name).sort());
      }),
    );
  });

  it("keeps rows in their places while values change, and adds new symbols at the end", () => {
    const order = ["ETH-USD", "BTC-USD", "GONE-USD"];
    expect(inOrder(rows, { order, known: new Set(order) }, {}).map((row) => row.symbol)).toEqual([
      "ETH-USD",
      "BTC-USD",
      "SOL-USD",
    ]);
  });

  it("lets no row come or go with its stage until the rows are asked for again", () => {
    const search = { stage: "oversold", tf: "5m" } as const;
    const kept = keptNow(rows, search);
    const later = [
      aRow("BTC-USD", { "5m": aReading({ stage: "oversold" }) }),
      aRow("ETH-USD", { "5m": aReading({ stage: "rebounding" }) }),
    ];
    expect(inOrder(later, kept, search).map((row) => row.symbol)).toEqual(["ETH-USD"]);
    expect([isOutdated(rows, kept, search), isOutdated(later, kept, search)]).toEqual([false, true]);
    expect(inOrder(later, keptNow(later, search), search).map((row) => row.symbol)).toEqual(["BTC-USD"]);
  });

  it("filters by words in any order and by stage on any or one timeframe", () => {
    expect(isFound(aRow("ETH-USD"), { q: "usd et" })).toBe(true);
    expect(isFound(aRow("ETH-USD"), { q: "btc" })).toBe(false);
    expect([1, 2, null].map((tier) => isFound({ ...aRow("ETH-USD"), tier }, { tier: 2 }))).toEqual([
      false,
      true,
      false,
    ]);
    expect(rows.filter((row) => isInStage(row, { stage: "rallying" })).map((row) => row.symbol)).toEqual(["ETH-USD"]);
    expect(rows.filter((row) => isInStage(row, { stage: "rallying", tf: "5m" }))).toEqual([]);
    expect(rows.filter((row) => isInStage(row, { stage: "unknown", tf: "5m" })).map((row) => row.symbol)).toEqual([
      "SOL-USD",
    ]);
  });

  it("counts symbols by stage", () => {
    expect(stageCounts(aMatrix(...rows), "5m")).toMatchObject({ rebounding: 1, oversold: 1, unknown: 1, rallying: 0 });
  });

  it("calls a reading behind when another symbol has closed a later candle, whatever our clock says", () => {
    const late = aReading({ closeTime: NOON - 300_000 });
    const newest = newestCloses([aRow("A-USD", { "5m": late }), aRow("B-USD", { "5m": aReading() })]);
    expect(freshnessOf(late, "5m", newest["5m"])).toBe("behind");
    expect(freshnessOf(aReading(), "5m", newest["5m"])).toBe("fresh");
    expect(freshnessOf(aReading({ quality: { ...aReading().quality, isConfirmed: false } }), "5m", newest["5m"])).toBe(
      "unconfirmed",
    );
    expect(freshnessOf(null, "5m", newest["5m"])).toBe("absent");
  });

  it("steps through rows and stays within them", () => {
    expect([
      stepped(rows, null, 1),
      stepped(rows, "BTC-USD", 1),
      stepped(rows, "SOL-USD", 1),
      stepped(rows, null, -1),
      stepped([], null, 1),
    ]).toEqual(["BTC-USD", "ETH-USD", "SOL-USD", "SOL-USD", null]);
  });

  it("takes from the address only what it understands", () => {
    expect(
      signalsSearch({ stage: "oversold", tf: "1h", sort: "5m", desc: true, q: "btc", exchange: "binance" }),
    ).toEqual({
      stage: "oversold",
      tf: "1h",
      sort: "5m",
      desc: true,
      q: "btc",
      exchange: "binance",
    });
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (said) => typeof signalsSearch(said) === "object"),
    );
    expect(signalsSearch({ stage: "<b>", tf: "3m", sort: 7, desc: "yes", q: 4 })).toEqual({});
  });
});
