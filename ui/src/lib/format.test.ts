import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { age, compact, duration, happening, milliseconds, percent, price, reading, share } from "@/lib/format";

describe("numbers as people read them", () => {
  it("shows a price with the decimals that its size needs", () => {
    expect([64123.456, 100, 99.5, 1, 0.5, 0.0123456, 0.00000012].map(price)).toEqual([
      "64,123.46",
      "100.00",
      "99.5000",
      "1.0000",
      "0.500000",
      "0.012346",
      "0.00000012",
    ]);
  });

  it("shows a dash where there is no number", () => {
    expect([price(null), reading(undefined), percent(null), milliseconds(null), compact(null)]).toEqual(
      Array(5).fill("–"),
    );
  });

  it("calls no share nothing that is something", () => {
    expect([0, 0.00001, 0.004, 0.266, null].map(share)).toEqual(["0 %", "< 0.01 %", "0.40 %", "27 %", "–"]);
  });

  it("signs a reading with a true minus and never shows minus zero", () => {
    expect([reading(12.34), reading(-151.96), reading(-0.04), reading(0)]).toEqual(["+12.3", "−152.0", "0.0", "0.0"]);
  });

  it("names a duration in its two largest units and an age in its largest", () => {
    expect([4e3, 125e3, 11_520e3, 439_200e3].map(duration)).toEqual(["4 s", "2 min 5 s", "3 h 12 min", "5 d 2 h"]);
    expect([200, 12e3, 250e3, 3 * 3.6e6, 50 * 3.6e6].map(age)).toEqual(["now", "12 s", "4 min", "3 h", "2 d"]);
  });

  it("never shows an age below zero, however wrong the clock", () => {
    fc.assert(fc.property(fc.integer({ max: 0 }), (ms) => age(ms) === "now"));
  });

  it("says what an alert says happened, and an unknown label as it is", () => {
    expect(["level_150", "level_-200", "reversal_oversold", "reversal_overbought", "new_thing"].map(happening)).toEqual(
      ["crossed above 150", "crossed below −200", "turns up from oversold", "turns down from overbought", "new_thing"],
    );
  });
});
