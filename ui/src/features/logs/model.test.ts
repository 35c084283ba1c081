import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  idOf,
  isEcho,
  isRoutine,
  KEPT,
  newIn,
  opened,
  summaryOf,
  withNewer,
  withOlder,
  type Tail,
} from "@/features/logs/model";
import { logsSearch } from "@/features/logs/search";
import type { LogLine, LogPage } from "@/lib/resources/logs";

function aLine(at: number): LogLine {
  return { file: "a.log", timestamp: "", level: "info", event: "request", fields: { at } };
}

/** The lines from number `newest` down, so many of them. */
function page(newest: number, total: number): LogPage {
  return {
    items: Array.from({ length: total }, (_, at) => aLine(newest - at)),
    next: `0:${newest - total}`,
    files: ["a.log"],
  };
}

function numbers(tail: Tail): readonly unknown[] {
  return tail.entries.map((entry) => (entry.kind === "hole" ? "hole" : entry.line.fields.at));
}

describe("a log that grows", () => {
  it("is joined without a double and without a hole, however much is new, as long as two looks overlap", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 19 }), { maxLength: 20 }), (steps) => {
        let newest = 100;
        let tail = opened(page(newest, 20));
        for (const step of steps) {
          newest += step;
          tail = withNewer(tail, page(newest, 20));
        }
        expect(numbers(tail)).toEqual(Array.from({ length: newest - 80 }, (_, at) => newest - at));
      }),
    );
  });

  it("says where lines may be missing", () => {
    expect(numbers(withNewer(opened(page(5, 3)), page(50, 3)))).toEqual([50, 49, 48, "hole", 5, 4, 3]);
  });

  it("tells equal lines apart by what stands around them", () => {
    const same = (at: number): LogLine => ({ ...aLine(at), fields: {} });
    const known = [same(0), aLine(7), aLine(6)];
    expect(newIn([same(0), same(0), aLine(7), aLine(6)], known)).toBe(1);
  });

  it("goes on below with older lines, each under a key of its own", () => {
    const tail = withOlder(withNewer(opened(page(10, 3)), page(12, 5)), page(7, 4));
    expect(numbers(tail)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4]);
    expect(new Set(tail.entries.map((entry) => entry.key)).size).toBe(9);
  });

  it("never holds more than it may", () => {
    let tail = opened(page(0, 10));
    for (let look = 1; look <= KEPT / 100 + 5; look += 1) tail = withNewer(tail, page(look * 100, 105));
    expect(tail.entries.length).toBe(KEPT);
    expect(tail.next).toBeNull();
  });

  it("is not changed by a look that brings nothing new", () => {
    const tail = opened(page(10, 5));
    expect(withNewer(tail, page(10, 5))).toBe(tail);
  });
});

describe("a line", () => {
  it("knows what it belongs to under both spellings", () => {
    expect(idOf({ ...aLine(1), fields: { correlation_id: "x" } })).toBe("x");
    expect(idOf({ ...aLine(1), fields: { correlationId: "y" } })).toBe("y");
    expect(idOf({ ...aLine(1), fields: { correlation_id: 4 } })).toBeNull();
  });

  it("that only tells of this page's own asking is an echo", () => {
    expect(isEcho({ ...aLine(1), fields: { path: "/api/v1/logs" } })).toBe(true);
    expect(isEcho({ ...aLine(1), fields: { path: "/api/v1/network" } })).toBe(false);
  });

  it("of a request is routine where it was answered as wished, and where it was refused or failed it is not", () => {
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), (status) => {
        const line = { ...aLine(1), fields: { path: "/api/v1/network", status } };
        expect(isRoutine(line)).toBe(status < 400);
        expect(isRoutine({ ...line, level: "warning" })).toBe(false);
        expect(isRoutine({ ...line, event: "alert.raised" })).toBe(false);
      }),
    );
    expect(isRoutine({ ...aLine(1), fields: { path: "/api/v1/network" } })).toBe(false);
  });

  it("is summed up by its fields", () => {
    expect(summaryOf({ ...aLine(1), fields: { path: "/x", ms: 2, correlation_id: "z", who: null } })).toBe(
      "path=/x  ms=2  who=null",
    );
  });
});

it("an address asks for nothing that the server would refuse for its length", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom("file", "level", "q", "id", "requests"), fc.anything()), (said) => {
      const found = logsSearch(said);
      expect(logsSearch({ ...found })).toEqual(found);
      expect((found.q ?? "").length).toBeLessThanOrEqual(200);
    }),
  );
});

it("an address shows requests only where it says so", () => {
  expect(logsSearch({})).toEqual({});
  expect(logsSearch({ requests: true })).toEqual({ requests: true });
  expect(logsSearch({ requests: false })).toEqual({});
});
