import { describe, expect, it } from "vitest";

import {
  alertsToday,
  delays,
  liveTally,
  problemsOf,
  seriesTally,
  verdictOf,
  worstLag,
} from "@/features/dashboard/model";
import { aMatrix, anAlert, anInstance, aReading, aRow, NOON } from "@/testing/builders";

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

  it("counts instances that should be live, and series that have their newest candle", () => {
    expect(liveTally([anInstance(), dead, anInstance({ liveness: "never" }, null)])).toEqual({ live: 1, total: 2 });
    const late = aReading({ closeTime: NOON - 300_000 });
    expect(seriesTally([aMatrix(aRow("A-USD"), aRow("B-USD", { "5m": late }))])).toEqual({ live: 1, total: 10 });
  });

  it("tells the worst lag of those that are live, and none where none is told", () => {
    expect([
      worstLag([anInstance(), anInstance({}, { lag: { exchangeMs: 640, ownMs: 1 } }), dead], "exchangeMs"),
      worstLag([], "ownMs"),
    ]).toEqual([640, null]);
  });

  it("measures the delays of fired alerts only", () => {
    const times = (own: number) => ({ times: { close: NOON, received: NOON, computed: NOON, committed: NOON + own } });
    const alerts = [
      ...Array.from({ length: 99 }, () => anAlert(times(5))),
      anAlert(times(80)),
      anAlert({ ...times(9e6), status: "late" }),
    ];
    expect([delays(alerts), delays([])]).toEqual([{ p50: 5, p99: 5 }, null]);
    expect(delays([anAlert(times(80))])).toEqual({ p50: 80, p99: 80 });
  });

  it("counts the alerts of the day in UTC, without those taken back", () => {
    expect(
      alertsToday([anAlert(), anAlert({ status: "retracted" }), anAlert({ closeTime: NOON - 86_400_000 })], NOON),
    ).toBe(1);
  });
});
