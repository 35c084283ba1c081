import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { merged } from "@/features/logs/merged";
import { EMPTY, type Entry, type Tail } from "@/features/logs/model";

const NOON = Date.UTC(2026, 10, 22, 12);

function aTail(instants: readonly number[], next: string | null = null): Tail {
  const entries = instants.map((at, key): Entry => {
    const timestamp = new Date(NOON + at).toISOString();
    return { kind: "line", key, line: { file: "a.log", timestamp, level: "info", event: "x", fields: { at } } };
  });
  return { ...EMPTY, entries, next };
}

const instants = (tails: Record<string, Tail>): readonly unknown[] =>
  merged(new Map(Object.entries(tails))).placed.map(({ entry }) =>
    entry.kind === "line" ? entry.line.fields.at : "hole",
  );

describe("logs of several processes", () => {
  it("are one log in order of time, with every line once", () => {
    const file = fc.array(fc.nat(1000)).map((all) => all.sort((one, other) => other - one));
    fc.assert(
      fc.property(file, file, file, (a, b, c) => {
        expect(instants({ a: aTail(a), b: aTail(b), c: aTail(c) })).toEqual(
          [...a, ...b, ...c].sort((one, other) => other - one),
        );
      }),
    );
  });

  it("show nothing older than what each of them has been read to, and say which has to be read on", () => {
    const tails = { a: aTail([9, 5], "a1"), b: aTail([8, 7, 2], "b1"), c: aTail([6, 1]) };
    expect(instants(tails)).toEqual([9, 8, 7, 6, 5]);
    expect(merged(new Map(Object.entries(tails))).behind).toEqual(["a"]);
    expect(merged(new Map([["c", tails.c]])).behind).toEqual([]);
  });

  it("have keys of their own, though each counts from the beginning", () => {
    const { placed } = merged(
      new Map([
        ["a", aTail([2, 1])],
        ["b", aTail([2, 1])],
      ]),
    );
    expect(new Set(placed.map((one) => one.id)).size).toBe(4);
  });

  it("show nothing before a file with lines has been read at all", () => {
    expect(instants({ a: aTail([3, 2]), b: aTail([], "b1") })).toEqual([]);
  });
});
