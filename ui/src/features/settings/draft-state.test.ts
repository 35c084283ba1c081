import { describe, expect, it } from "vitest";

import {
  begun,
  hasChanged,
  outrunBy,
  rebasedUpon,
  settled,
  withPlace,
  withText,
} from "@/features/settings/draft-state";
import { valueAt, written, type Json } from "@/features/settings/document";
import type { Settings } from "@/lib/resources/settings";
import { SETTINGS } from "@/testing/settings";

const saved = { settings: SETTINGS, version: 3, changedAt: 0 } as unknown as Settings;
const with_ = (name: string, version: number): Settings => ({ ...saved, version, settings: { ...SETTINGS, name } });
const name = (document: Json): Json | undefined => valueAt(document, ["name"]);

describe("a draft", () => {
  it("keeps what was changed when others save meanwhile", () => {
    const mine = withPlace(begun(saved), ["name"], "Ada");
    expect(outrunBy(mine, with_("Eve", 4))).toBe(mine);
    const broken = withText(begun(saved), "{");
    expect(outrunBy(broken, with_("Eve", 4))).toBe(broken);
  });

  it("follows what others save while nothing is changed, and nothing older", () => {
    expect(name(outrunBy(begun(saved), with_("Eve", 4)).good)).toBe("Eve");
    const now = begun(with_("Ada", 5));
    expect(outrunBy(now, with_("Eve", 4))).toBe(now);
  });

  it("has both of two places that were set one after the other", () => {
    const state = withPlace(withPlace(begun(saved), ["name"], "Ada"), ["timezone"], "Europe/Berlin");
    expect(state.good).toMatchObject({ name: "Ada", timezone: "Europe/Berlin" });
    expect(state.text).toBe(written(state.good));
  });

  it("lets one choose between two who set the same", () => {
    const both = rebasedUpon(withPlace(begun(saved), ["name"], "Ada"), with_("Eve", 4));
    expect(both.version).toBe(4);
    const [conflict] = both.conflicts;
    if (conflict === undefined) throw new Error("nobody saw the conflict");
    expect(name(settled(both, conflict, true).good)).toBe("Ada");
    const theirs = settled(both, conflict, false);
    expect(hasChanged(theirs)).toBe(false);
    expect(theirs.conflicts).toEqual([]);
  });
});
