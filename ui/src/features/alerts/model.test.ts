import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { arrivedIn, delayOf, momentsOf, ownDelayOf } from "@/features/alerts/model";
import { scaleOf } from "@/features/alerts/scale";
import { alertsSearch } from "@/features/alerts/search";
import type { Delivery, Provenance } from "@/lib/resources/provenance";
import { anAlert, aReading, NOON } from "@/testing/builders";

function aDelivery(over: Partial<Delivery>): Delivery {
  return {
    id: 1,
    alertId: "a1",
    userId: 1,
    channel: "phone",
    statusTold: "fired",
    status: "delivered",
    reason: null,
    silent: false,
    attempts: 1,
    dueAt: NOON,
    createdAt: NOON + 30,
    finishedAt: NOON + 900,
    ...over,
  };
}

function aProvenance(over: Partial<Provenance> = {}): Provenance {
  return {
    alert: anAlert(),
    rule: {
      version: "macdv-1",
      firstLevel: 150,
      levelStep: 50,
      hysteresis: 10,
      oversoldBuffer: 0.05,
      overboughtBuffer: 0.03,
      shortestCooldownMs: 300_000,
      candlesNeeded: 60,
    },
    epoch: 4,
    instanceId: "0f3a",
    candles: [],
    steps: [
      { name: "closed", at: NOON },
      { name: "received", at: NOON + 2000 },
      { name: "committed", at: NOON + 2010 },
      { name: "told on phone", at: NOON + 2900 },
    ],
    revisions: [],
    deliveries: [aDelivery({ finishedAt: NOON + 2900 })],
    reevaluation: { outcome: "equal", reasons: [], candle: null, previous: aReading() },
    ...over,
  };
}

describe("the way of an alert", () => {
  it("says how long after the step before each one was taken", () => {
    expect(momentsOf(aProvenance()).map((one) => one.after)).toEqual([null, 2000, 10, 890]);
  });

  it("never compares the clock of a simulated market with the server's", () => {
    const moments = momentsOf(aProvenance({ alert: anAlert({ simulated: true }) }));
    expect(moments.map((one) => [one.isServers, one.after])).toEqual([
      [false, null],
      [false, 2000],
      [false, 10],
      [true, null],
    ]);
    expect(ownDelayOf(anAlert({ simulated: true }))).toBeNull();
  });

  it("tells of a delivery once, though the server names it as a step as well", () => {
    const told = momentsOf(aProvenance()).filter((one) => one.title.includes("phone"));
    expect(told).toHaveLength(1);
  });

  it("puts what has not happened last and gives it no time", () => {
    const pending = aDelivery({ id: 2, channel: "mail", status: "pending", finishedAt: null });
    const last = momentsOf(aProvenance({ deliveries: [pending, aDelivery({ finishedAt: NOON + 2900 })] })).at(-1);
    expect(last).toMatchObject({ isOpen: true, at: null, after: null, title: "It was queued for mail" });
  });

  it("says why a delivery failed", () => {
    const failed = aDelivery({ status: "failed", reason: "404", attempts: 5 });
    expect(momentsOf(aProvenance({ deliveries: [failed] })).at(-1)).toMatchObject({
      tone: "bad",
      note: "404 · 5 tries",
    });
  });

  it("never leaves a step out and never orders what was done later before what was done earlier", () => {
    const deliveries = fc.array(fc.integer({ min: 3000, max: 100_000 }), { maxLength: 8 });
    fc.assert(
      fc.property(deliveries, (ends) => {
        const made = ends.map((end, id) => aDelivery({ id, finishedAt: NOON + end }));
        const moments = momentsOf(aProvenance({ deliveries: made }));
        expect(moments).toHaveLength(3 + ends.length);
        expect(moments.every((one) => one.after === null || one.after >= 0)).toBe(true);
      }),
    );
  });
});

describe("the address of the ledger", () => {
  it("takes only what the server takes, whatever is written in it", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("exchange", "symbol", "label", "status", "timeframe"), fc.anything()),
        (said) => {
          const found = alertsSearch(said);
          expect(alertsSearch({ ...found })).toEqual(found);
        },
      ),
    );
  });

  it("asks for no symbol before it is one", () => {
    expect(alertsSearch({ symbol: "btc" })).toEqual({});
    expect(alertsSearch({ symbol: "btc-usd" })).toEqual({ symbol: "BTC-USD" });
  });
});

describe("a strip's scale", () => {
  it("keeps every value between top and bottom", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }), (values) => {
        const scale = scaleOf(values, 10, 110);
        expect(values.every((value) => scale.y(value) >= 10 - 1e-6 && scale.y(value) <= 110 + 1e-6)).toBe(true);
      }),
    );
  });
});

it("an alert that was not committed has no delay", () => {
  expect(delayOf(anAlert({ times: { close: NOON, received: NOON, computed: null, committed: null } }))).toBeNull();
});

describe("what arrives in a list", () => {
  const list = ["a3", "a2", "a1"].map((id) => anAlert({ id }));

  it("is nothing of what was there when the list was opened", () => {
    expect(arrivedIn(list, "a3").size).toBe(0);
  });

  it("is what stands above it, and everything in a list that was empty", () => {
    expect([...arrivedIn(list, "a1")]).toEqual(["a3", "a2"]);
    expect(arrivedIn(list, null).size).toBe(3);
  });

  it("is nothing where the list is another one", () => {
    expect(arrivedIn(list, "gone").size).toBe(0);
  });
});
