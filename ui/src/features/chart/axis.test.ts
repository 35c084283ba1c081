import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { wallOf, ZonedAxis, type Wall } from "@/features/chart/axis";
import { seconds } from "@/features/chart/points";

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 10, 22, 12);
/** What the library calls the weight of a mark where a day begins; those of months and years are greater. */
const DAY = 50;
const east =
  (hours: number): Wall =>
  (at) =>
    at + hours * HOUR;

type Points = Parameters<ZonedAxis["fillWeightsForPoints"]>[0];

/** Candles of an hour from that instant on, as the axis is given them. */
function points(axis: ZonedAxis, from: number, total: number): Points {
  return Array.from({ length: total }, (_, at) => {
    const originalTime = seconds(from + at * HOUR);
    return { timeWeight: 0, time: axis.convertHorzItemToInternal(originalTime), originalTime } as unknown as Points[0];
  });
}

function days(axis: ZonedAxis, all: Points): readonly number[] {
  axis.fillWeightsForPoints(all, 0);
  return all.filter((point) => point.timeWeight >= DAY).map((point) => Number(point.originalTime) * 1000);
}

describe("the axis of a chart", () => {
  it("begins a day at the midnight of the zone, wherever that is, and nowhere else", () => {
    fc.assert(
      fc.property(fc.integer({ min: -11, max: 14 }), (hours) => {
        const axis = new ZonedAxis();
        axis.follow(east(hours));
        const found = days(axis, points(axis, NOON, 100));
        expect(found.length).toBeGreaterThanOrEqual(4);
        for (const at of found) expect((at + hours * HOUR) % (24 * HOUR)).toBe(0);
      }),
    );
  });

  it("begins the day of Tokyo at 15:00 UTC, and that of UTC at 00:00", () => {
    const axis = new ZonedAxis();
    axis.follow(east(9));
    expect(days(axis, points(axis, NOON, 24))).toEqual([Date.UTC(2026, 10, 22, 15)]);
    axis.follow(wallOf("utc"));
    expect(days(axis, points(axis, NOON, 24))).toEqual([Date.UTC(2026, 10, 23)]);
  });

  it("weighs only what is new, and as if all were", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 59 }), (startIndex) => {
        const axis = new ZonedAxis();
        axis.follow(east(9));
        const whole = points(axis, NOON, 60);
        const later = points(axis, NOON, 60);
        axis.fillWeightsForPoints(whole, 0);
        axis.fillWeightsForPoints(later, startIndex);
        const weights = whole.map((point) => point.timeWeight);
        expect(later.map((point) => point.timeWeight)).toEqual([
          ...Array.from({ length: startIndex }, () => 0),
          ...weights.slice(startIndex),
        ]);
      }),
    );
  });

  it("reads the same hour off the wall as the clock in the corner", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 365 * 24 }), (hours) => {
        const at = NOON + hours * HOUR;
        expect(new Date(wallOf("local")(at)).getUTCHours()).toBe(new Date(at).getHours());
        expect(new Date(wallOf("local")(at)).getUTCDate()).toBe(new Date(at).getDate());
        expect(wallOf("utc")(at)).toBe(at);
      }),
    );
  });
});
