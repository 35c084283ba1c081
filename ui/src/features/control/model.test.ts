import { describe, expect, it } from "vitest";

import { gistOf, lastedOf, outcomeOf, rowsOf, suitableFor, symbolsIn, titleOf } from "@/features/control/model";
import { controlSearch } from "@/features/control/search";
import { Problem } from "@/lib/problem";
import { anInstance, NOON } from "@/testing/builders";
import { aCommand, anOrder } from "@/testing/commands";

describe("the control panel", () => {
  it("shows what was asked for on top until somebody has told of it, and nothing twice", () => {
    const told = aCommand({ correlationId: "o1" });
    expect(rowsOf([], [anOrder()], undefined).map((row) => row.command)).toEqual([null]);
    expect(rowsOf([told], [anOrder()], undefined)).toHaveLength(1);
    expect(rowsOf([told], [anOrder({ command: told })], undefined)).toHaveLength(1);
  });

  it("leaves what was asked of symbols to their own page until it is a command", () => {
    const order = {
      id: "o2",
      exchange: "coinbase",
      wish: { kind: "add", symbol: "BTC-USD", tier: 1 },
      at: NOON,
    } as const;
    expect(rowsOf([], [anOrder({ order })], undefined)).toHaveLength(0);
    expect(rowsOf([], [anOrder({ order, command: aCommand({ correlationId: "c9" }) })], undefined)).toHaveLength(1);
  });

  it("shows with failed commands those that nobody took", () => {
    const problem = new Problem(503, "Service Unavailable", "nobody listens");
    const rows = rowsOf(
      [
        aCommand(),
        aCommand({ correlationId: "c2", step: "failed" }),
        aCommand({ correlationId: "c3", step: "running" }),
      ],
      [anOrder(), anOrder({ problem, order: { ...anOrder().order, id: "o3" } })],
      "failed",
    );
    expect(rows.map((row) => row.key)).toEqual(["o3", "c2"]);
  });

  it("offers what suits the state: nothing but a start where nobody is there", () => {
    const suited = (...of: Parameters<typeof anInstance>): string[] => [...suitableFor(anInstance(...of))];
    expect(suited()).toEqual(["pause", "stop"]);
    expect(suited({}, { pausedBy: "ada@example.org" })).toEqual(["resume", "stop"]);
    expect(suited({}, { connectionState: "warming" })).toEqual(["stop"]);
    expect(suited({}, { connectionState: "stopping" })).toEqual([]);
    for (const state of ["idle", "stopped"] as const) expect(suited({}, { connectionState: state })).toEqual(["start"]);
    for (const liveness of ["dead", "offline"] as const) expect(suited({ liveness })).toEqual(["start"]);
    expect(suited({ liveness: "never" }, null)).toEqual(["start"]);
    expect([...suitableFor(undefined)]).toEqual(["start"]);
  });

  it("says in a line what a command carries and what came of it", () => {
    expect(gistOf({ symbols: ["A-USD", "B-USD"], timeframes: ["5m"], candles: 1000 })).toBe(
      "A-USD, B-USD · 5m · 1,000 candles",
    );
    expect(gistOf({ symbols: ["A", "B", "C", "D", "E", "F"] })).toBe("A, B, C, D and 2 more");
    expect(gistOf({ confirm: true })).toBe("all symbols");
    const outcome = (details: Record<string, unknown>): string => outcomeOf(aCommand({ details }));
    expect(outcome({ isChanged: false, state: "active" })).toBe("There was nothing to change");
    expect(outcome({ verdicts: { A: "added", B: "added", C: "unknown" } })).toBe("2 added, 1 unknown");
    expect(outcome({ cleared: 1 })).toBe("1 symbol fetched anew");
    expect(outcomeOf(aCommand({ step: "failed", error: { code: "expired", message: "too late" } }))).toBe("too late");
  });

  it("says how long a command took, and nothing where it has not ended", () => {
    expect(lastedOf(aCommand({ endedAt: NOON + 8200 }))).toBe("8.2 s");
    expect(lastedOf(aCommand({ endedAt: NOON + 125_000 }))).toBe("2 min 5 s");
    expect(lastedOf(aCommand({ endedAt: NOON - 40 }))).toBe("0 ms");
    expect(lastedOf(aCommand())).toBeNull();
  });

  it("keeps the word of a command that it does not know", () => {
    expect([titleOf("warp"), titleOf("toString"), titleOf(null)]).toEqual(["warp", "toString", "Unreadable command"]);
  });

  it("tells the symbols of a text apart from those that are not watched", () => {
    expect(symbolsIn(" btc-usd,ETH-USD; nope\nbtc-usd", ["BTC-USD", "ETH-USD"])).toEqual({
      symbols: ["BTC-USD", "ETH-USD"],
      unknown: ["NOPE"],
    });
  });

  it("reads its address and leaves out what is wrong in it", () => {
    expect(controlSearch({ exchange: "binance", show: "failed", open: "c1" })).toEqual({
      exchange: "binance",
      show: "failed",
      open: "c1",
    });
    expect(controlSearch({ exchange: 3, show: "all", open: "" })).toEqual({});
  });
});
