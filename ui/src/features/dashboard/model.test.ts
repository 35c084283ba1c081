import { describe, expect, it } from "vitest";

import {
  isWhole,
  liveTally,
  midnightOf,
  problemsOf,
  seriesTally,
  todayOf,
  verdictOf,
  worstLag,
} from "@/features/dashboard/model";
import { aMatrix, anInstance, aReading, aRow, NOON } from "@/testing/builders";

const dead = anInstance({ exchangeId: 2, exchangeName: "binance", displayName: "Binance", liveness: "dead" });

describe("the dashboard", () => {
  it("says that all is live only when the link holds and every instance is live and fed", () => {
    expect(verdictOf([anInstance()], false)).toEqual({ tone: "good", sentence: "Everything is live." });
    expect(verdictOf([anInstance()], true).tone).toBe("bad");
    expect(verdictOf([anInstance({}, { feedState: "degraded" }), dead], false)).toEqual({
      tone: "bad",
      sentence: "Binance is dead. And 1 more problem.",
    });
    expect(verdictOf([anInstance({ liveness: "never" }, null)], false).tone).toBe("off");
  });

  it("lists problems, the worst first, and takes what is off on purpose for none", () => {
    expect(
      problemsOf([anInstance({}, { connectionState: "warming" }), dead, anInstance({ liveness: "offline" })]).map(
        (one) => one.tone,
      ),
    ).toEqual(["bad", "busy"]);
  });

  it("takes a channel that takes nothing for a problem, and says what it said", () => {
    const desk = { channel: "Desk", waiting: 84, givenUp: 0, since: NOON, reason: "Discord did not answer in time" };
    expect(verdictOf([anInstance()], false, [desk])).toEqual({
      tone: "bad",
      sentence: "Channel Desk: 84 alerts wait.",
    });
    expect(problemsOf([anInstance()], [desk])).toMatchObject([
      { detail: desk.reason, since: NOON, exchange: null, told: "pending" },
    ]);
    expect(problemsOf([], [{ ...desk, waiting: 0, givenUp: 2 }])).toMatchObject([{ told: "failed" }]);
  });

  it("counts instances that should be live, and series that have their newest candle", () => {
    expect(liveTally([anInstance(), dead, anInstance({ liveness: "never" }, null)])).toEqual({ live: 1, total: 2 });
    const late = aReading({ closeTime: NOON - 300_000 });
    const matrix = aMatrix(aRow("A-USD"), aRow("B-USD", { "5m": late }));
    expect(seriesTally([matrix], [anInstance()])).toEqual({ live: 1, total: 10 });
  });

  it("counts no series up to date where nobody watches: they may all be late alike", () => {
    const matrix = aMatrix(aRow("A-USD"));
    const paused = anInstance({}, { pausedAt: NOON, pausedBy: "admin@localhost", feedState: "down" });
    for (const instance of [paused, anInstance({ liveness: "dead" }), anInstance({}, { feedState: "down" })])
      expect(seriesTally([matrix], [instance])).toEqual({ live: 0, total: 5 });
  });

  it("tells a pause from a fault, and since when it is", () => {
    const paused = anInstance({}, { pausedAt: NOON, pausedBy: "admin@localhost", feedState: "down" });
    const fault = anInstance({}, { feedState: "down", lastErrorAt: NOON + 5 });
    expect(problemsOf([fault, paused])).toMatchObject([
      { title: "The feed of Coinbase is down", since: NOON + 5, tone: "bad" },
      { title: "Coinbase is paused by admin@localhost", since: NOON, tone: "warn" },
    ]);
  });

  it("tells the lag of the instance that is worst off, and none where none is told", () => {
    const spread = (p99: number) => ({ count: 9, p50: 2, p99, longest: p99 });
    const slow = anInstance({}, { lags: { exchange: spread(640), own: null } });
    expect(worstLag([anInstance(), slow, dead], "exchange")).toEqual({ p50: 2, p99: 640 });
    expect(worstLag([anInstance({}, { lag: { exchangeMs: 90, ownMs: 7 } })], "own")).toEqual({ p50: null, p99: 7 });
    expect([worstLag([slow], "own"), worstLag([], "own"), worstLag([dead], "own")]).toEqual([null, null, null]);
  });

  it("counts the day of each instance by the midnight of its market", () => {
    const today = {
      since: NOON,
      candles: { "5m": 30, "1h": 4 },
      alerts: { fired: 3, late: 1 },
      corrections: 2,
      gaps: 1,
      repairs: 0,
    };
    const days = todayOf([anInstance({}, { today }), anInstance({ exchangeId: 2 })]);
    expect(days).toMatchObject([{ exchange: "coinbase", candles: 34, alerts: 4, corrections: 2, gaps: 1 }]);
    expect([midnightOf(days, 0) % 86_400_000, NOON - midnightOf(days, 0) < 86_400_000]).toEqual([0, true]);
    expect(days.map(isWhole)).toEqual([NOON % 86_400_000 === 0]);
    expect(midnightOf([], NOON + 5) % 86_400_000).toBe(0);
  });
});
