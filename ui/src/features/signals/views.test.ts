import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { LONGEST_NAME, MOST_VIEWS, shownView, viewsIn, withView } from "@/features/signals/views";

describe("saved views", () => {
  it("come back as they were kept", () => {
    const views = withView(withView([], "Deep", { stage: "oversold", tf: "1h" }), "By 4h", { sort: "4h", desc: true });
    expect(viewsIn(JSON.stringify(views))).toEqual(views);
  });

  it("are read from any text without a word of complaint", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const views = viewsIn(text);
        expect(views.length).toBeLessThanOrEqual(MOST_VIEWS);
        expect(views.every((view) => view.name !== "" && view.name.length <= LONGEST_NAME)).toBe(true);
      }),
    );
    expect(viewsIn(null)).toEqual([]);
    expect(viewsIn('[{"name":"a","search":{"stage":"<b>","sort":"4h"}}, 7, null]')).toEqual([
      { name: "a", search: { sort: "4h" } },
    ]);
  });

  it("are replaced by their name, never doubled, and need one", () => {
    const views = withView([], " Deep ", { stage: "oversold" });
    expect(withView(views, "Deep", { stage: "rallying" })).toEqual([{ name: "Deep", search: { stage: "rallying" } }]);
    expect(withView(views, "  ", {})).toBe(views);
    const full = Array.from({ length: MOST_VIEWS }, (_, at) => ({ name: `${at}`, search: {} }));
    expect(withView(full, "one more", {})).toBe(full);
  });

  it("are known again whatever stands beside the matrix and in whatever order the address names things", () => {
    const views = withView([], "Deep", { tf: "1h", stage: "oversold" });
    expect(shownView(views, { stage: "oversold", tf: "1h", side: "cross" })?.name).toBe("Deep");
    expect(shownView(views, { stage: "oversold" })).toBeNull();
  });
});
