import { describe, expect, it } from "vitest";

import {
  kindInWords,
  lagText,
  sentence,
  summary,
  toneOf,
  totalOf,
  warmupShare,
  wayOf,
  withNews,
} from "@/features/network/model";
import { networkSearch } from "@/features/network/search";
import { conditionOf } from "@/lib/condition";
import { applyNetwork, isFresh } from "@/lib/resources/network";
import { anInstance, NOON } from "@/testing/builders";
import type { Activity } from "@/api/shapes";

const entry = (cursor: string): Activity => ({
  cursor,
  time: NOON,
  event: "error",
  error: "gone",
  exchangeId: 1,
  exchangeName: "coinbase",
  instanceId: "a",
  epoch: 1,
  hostname: "box",
  ipAddress: null,
  adminEmail: null,
  fromState: null,
  toState: null,
  state: "active",
});

describe("the network", () => {
  it("never shows an instance healthy on a dead feed, nor dead as offline", () => {
    const words = [
      anInstance(),
      anInstance({}, { feedState: "down" }),
      anInstance({}, { feedState: "degraded" }),
      anInstance({ liveness: "dead" }),
      anInstance({ liveness: "offline" }),
      anInstance({ liveness: "stale" }),
      anInstance({ liveness: "never" }, null),
      anInstance({}, { connectionState: "warming", feedState: "live" }),
    ].map((instance) => conditionOf(instance).word);
    expect(words).toEqual(["Live", "Feed down", "Feed degraded", "Dead", "Offline", "Silent", "Never seen", "Warming"]);
  });

  it("takes for fresh only what is live, active and fed", () => {
    expect(isFresh(anInstance())).toBe(true);
    expect([{ liveness: "stale" }, { liveness: "dead" }].map((over) => isFresh(anInstance(over as never)))).toEqual([
      false,
      false,
    ]);
    expect(isFresh(anInstance({}, { feedState: "degraded" }))).toBe(false);
  });

  it("shows the way up, the way down, and where a dead instance was last seen", () => {
    expect(wayOf(anInstance({}, { connectionState: "warming" }))).toMatchObject({
      current: "warming",
      isBroken: false,
    });
    expect(wayOf(anInstance({}, { connectionState: "stopped" })).steps).toEqual(["active", "stopping", "stopped"]);
    expect(wayOf(anInstance({ liveness: "dead" }))).toMatchObject({ current: "active", isBroken: true });
    expect(wayOf(anInstance({ liveness: "never" }, null))).toMatchObject({ current: "idle", isEnded: true });
  });

  it("counts what is well and what is in trouble", () => {
    expect(summary([anInstance(), anInstance({ liveness: "dead" }), anInstance({ liveness: "offline" })])).toEqual({
      total: 3,
      live: 1,
      trouble: 1,
    });
  });

  it("tells a lag by its middle and its slowest hundredth, and by a single figure where that is all there is", () => {
    expect([
      lagText({ count: 9, p50: 118, p99: 415, longest: 927 }, 3),
      lagText({ count: 0, p50: 0, p99: 0, longest: 0 }, 3),
      lagText(null, undefined),
    ]).toEqual(["118 ms · 415 ms", "3 ms", "–"]);
    expect([totalOf({ "5m": 3, "1h": 4 }), totalOf(undefined)]).toEqual([7, 0]);
  });

  it("calls the kind of an error by words, and leaves the rest of it as it was said", () => {
    expect([
      kindInWords("feed_lost: connection_7 has ended"),
      kindInWords("The feed_lost: x"),
      kindInWords("gone"),
    ]).toEqual(["Feed lost: connection_7 has ended", "The feed_lost: x", "gone"]);
  });

  it("tells warm-up as a share, and nothing where nothing is warmed", () => {
    expect([
      warmupShare(anInstance({}, { connectionState: "warming", warmup: { done: 1, total: 4, eta: null } })),
      warmupShare(anInstance({}, { connectionState: "active", warmup: { done: 4, total: 4, eta: 0 } })),
      warmupShare(anInstance()),
    ]).toEqual([0.25, null, null]);
    const nothing = { connectionState: "warming", warmup: { done: 0, total: 0, eta: null } } as const;
    expect(warmupShare(anInstance({}, nothing))).toBeNull();
  });

  it("folds a change into the instance it is about, a snapshot into all, and nonsense into nothing", () => {
    const network = { time: NOON, items: [anInstance(), anInstance({ exchangeId: 2, exchangeName: "binance" })] };
    const changed = applyNetwork(network, {
      topic: "network",
      kind: "change",
      data: { exchangeId: 2, liveness: "dead" },
    });
    expect(changed.items.map((one) => one.liveness)).toEqual(["live", "dead"]);
    expect(applyNetwork(network, { topic: "network", kind: "change", data: null })).toBe(network);
    expect(applyNetwork(network, { topic: "network", kind: "snapshot", data: { time: 1, items: [] } }).items).toEqual(
      [],
    );
    expect(applyNetwork(network, { topic: "network", kind: "snapshot", data: "?" })).toBe(network);
  });

  it("puts news on top, the newest first, and nothing twice", () => {
    expect(withNews([entry("2")], [entry("2"), entry("3"), entry("4")]).map((one) => one.cursor)).toEqual([
      "4",
      "3",
      "2",
    ]);
  });

  it("says what happened in words and tone", () => {
    const step = { ...entry("1"), event: "state_transition", fromState: "warming", toState: "active" } as Activity;
    expect([sentence(step), toneOf(step), sentence(entry("1")), toneOf(entry("1"))]).toEqual([
      "warming to active",
      "good",
      "gone",
      "bad",
    ]);
  });

  it("takes from the address only what it understands", () => {
    expect([
      networkSearch({ exchange: "binance", event: "error" }),
      networkSearch({ exchange: 4, event: "all" }),
    ]).toEqual([{ exchange: "binance", event: "error" }, {}]);
  });
});
