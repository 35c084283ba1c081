import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { ALERT_KINDS, kindOf } from "@/lib/alert-kinds";
import { BREATH_MS, QUIET, STORM, telling } from "@/lib/storm";
import { anAlert } from "@/testing/builders";

describe("a storm of alerts", () => {
  it("counts every alert since the last quiet, however they come together", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 20 }), (sizes) => {
        let told = QUIET;
        sizes.forEach((size, at) => {
          told = telling(
            told,
            Array.from({ length: size }, (_, one) => anAlert({ id: `${at}-${one}` })),
            at * 1000,
          );
        });
        // Batches come a second apart, so that only a row of eight empty ones would be a quiet.
        const total = sizes.reduce((sum, size) => sum + size, 0);
        expect(told.count).toBeLessThanOrEqual(total);
        expect(told.single.length === told.count || (told.count > STORM && told.single.length === 0)).toBe(true);
      }),
    );
  });

  it("ends when nothing new has come for a while", () => {
    const storm = telling(
      QUIET,
      Array.from({ length: STORM + 1 }, (_, at) => anAlert({ id: `${at}` })),
      0,
    );
    expect(storm.single).toEqual([]);
    expect(telling(storm, [anAlert()], BREATH_MS).count).toBe(STORM + 2);
    expect(telling(storm, [anAlert()], BREATH_MS + 1)).toMatchObject({ count: 1, single: [anAlert()] });
  });
});

it("gives every alert a kind that can be switched off", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("level_150", "level_-200", "reversal_oversold", "reversal_overbought"),
      fc.constantFrom("fired" as const, "late" as const, "amended" as const, "retracted" as const),
      (label, status) => {
        expect(ALERT_KINDS).toContain(kindOf({ label, status }));
      },
    ),
  );
  expect(kindOf({ label: "level_-150", status: "fired" })).toBe("below");
  expect(kindOf({ label: "level_-150", status: "late" })).toBe("late");
});
