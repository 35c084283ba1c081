import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { ageOf, lagText, tallyOf, widestFirst, type Lead, type Spread } from "@/features/cross/model";
import { applyCross } from "@/lib/resources/cross";
import { NOON } from "@/testing/builders";

const side = (exchangeName: string, time = NOON) => ({
  exchangeId: 1,
  exchangeName,
  symbol: "ETH-USD",
  priceUsd: 3000,
  takerFee: 0.001,
  time,
});

const aSpread = (over: Partial<Spread> = {}): Spread => ({
  base: "ETH",
  buy: side("coinbase"),
  sell: side("binance"),
  grossPercent: 1,
  netPercent: 0.4,
  ...over,
});

const aLead = (over: Partial<Lead> = {}): Lead => ({
  base: "ETH",
  timeframe: "5m",
  label: "level_150",
  leaderExchange: "binance",
  leaderAlertId: "a1",
  followerExchange: "coinbase",
  followerAlertId: "a2",
  lagMs: 300_000,
  time: NOON,
  ...over,
});

describe("signals across exchanges", () => {
  it("are as old as the older of their two prices, and never from the future", () => {
    expect(ageOf(aSpread({ buy: side("coinbase", NOON - 4000) }), NOON)).toBe(4000);
    expect(ageOf(aSpread({ buy: side("coinbase", NOON + 4000), sell: side("binance", NOON + 5000) }), NOON)).toBe(0);
  });

  it("stand with the widest spread first, and in one order only", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.stringMatching(/^[A-Z]{3}$/), fc.integer({ min: -5, max: 5 }))), (made) => {
        const spreads = made.map(([base, netPercent]) => aSpread({ base, netPercent }));
        const sorted = widestFirst(spreads);
        expect(sorted.map((one) => one.netPercent)).toEqual(
          spreads.map((one) => one.netPercent).toSorted((one, other) => other - one),
        );
        expect(widestFirst(spreads.toReversed()).map((one) => one.base)).toEqual(sorted.map((one) => one.base));
      }),
    );
  });

  it("say how far the follower was behind, in candles where it was one", () => {
    expect([lagText(aLead()), lagText(aLead({ lagMs: 450_000 })), lagText(aLead({ timeframe: "1h" }))]).toEqual([
      "1 candle later",
      "1.5 candles later",
      "5 min later",
    ]);
  });

  it("are replaced as a whole, and by nothing that is not one", () => {
    const old = { time: NOON, leastNetPercent: 0.1, slippage: 0.0005, rates: {}, spreads: [], leads: [] };
    const message = (data: unknown) => ({ topic: "cross", kind: "change" as const, data });
    expect(applyCross(old, [message({ ...old, time: NOON + 1 }), message(null), message("x")]).time).toBe(NOON + 1);
    expect(applyCross(old, [message({ spreads: 7 })])).toBe(old);
  });

  it("count who leads whom", () => {
    const other = { leaderExchange: "coinbase", followerExchange: "binance" };
    expect(tallyOf([aLead(), aLead(other), aLead(other)])).toEqual([
      { leader: "coinbase", follower: "binance", times: 2 },
      { leader: "binance", follower: "coinbase", times: 1 },
    ]);
  });
});
