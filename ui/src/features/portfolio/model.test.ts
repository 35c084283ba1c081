import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  dollars,
  outlookLook,
  percentText,
  quantity,
  rateText,
  shortQuantity,
  signed,
  toneOfGain,
  withoutDust,
  zoneOf,
} from "@/features/portfolio/model";
import { portfolioSearch } from "@/features/portfolio/search";
import type { Holding } from "@/lib/resources/portfolio";

describe("money", () => {
  it("has two decimals, and more where it would be nothing", () => {
    expect(dollars("1234.5")).toBe("1,234.50");
    expect(dollars("0.00012")).toBe("0.000120");
    expect(dollars("0")).toBe("0.00");
    expect(dollars(null)).toBe("–");
  });

  it("that was won has a plus, that was lost a minus, and what is unknown neither", () => {
    expect([signed("3"), signed("-3"), signed("0"), signed(null)]).toEqual(["+3.00", "\u22123.00", "0.00", "–"]);
    expect([toneOfGain("3"), toneOfGain("-3"), toneOfGain("0"), toneOfGain(null)]).toEqual(["good", "bad", null, null]);
  });

  it("as a share says per cent", () => {
    expect(percentText("12.3456")).toBe("12.35 %");
    expect(percentText("12", true)).toBe("+12.00 %");
    expect(rateText("0.006")).toBe("0.60 %");
    expect(rateText("0.00025")).toBe("0.025 %");
  });
});

describe("a quantity", () => {
  it("is cut to eight decimals in a column, unless nothing would be left", () => {
    expect(["33319.6023322577652", "12", "0.0000000012"].map(shortQuantity)).toEqual([
      "33,319.60233225",
      "12",
      "0.0000000012",
    ]);
  });

  it("keeps every digit that counts, however long it is", () => {
    const digits = fc.stringMatching(/^[1-9][0-9]{0,24}$/);
    fc.assert(
      fc.property(digits, digits, (whole, fraction) => {
        expect(quantity(`${whole}.${fraction}000`).replaceAll(",", "")).toBe(`${whole}.${fraction.replace(/0+$/, "")}`);
      }),
    );
  });

  it("is grouped by thousands", () => {
    expect(quantity("91000000.50")).toBe("91,000,000.5");
    expect(quantity("-1234")).toBe("\u22121,234");
  });
});

it("dust is counted whether it is shown or not", () => {
  const holdings = [{ isDust: true }, { isDust: false }] as unknown as readonly Holding[];
  expect(withoutDust(holdings, false)).toEqual({ shown: [{ isDust: false }], dust: 1 });
  expect(withoutDust(holdings, true).shown).toHaveLength(2);
});

it("an outlook of a newer server is shown by its own name", () => {
  expect(outlookLook("to_the_moon")).toEqual({ word: "to_the_moon", mark: "?", tone: "off" });
  expect(outlookLook("toString").word).toBe("toString");
});

it("a value is in a zone by its size and sign", () => {
  expect([-200, -60, 0, 60, 150, null].map(zoneOf)).toEqual([
    "oversold",
    "reversing",
    "ranging",
    "rallying",
    "overbought",
    "unknown",
  ]);
});

it("an address says the same when it is read again", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom("exchange", "fees", "dust"), fc.anything()), (said) => {
      const found = portfolioSearch(said);
      expect(portfolioSearch({ ...found })).toEqual(found);
    }),
  );
});
