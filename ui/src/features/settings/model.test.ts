import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  channelsIn,
  changesBetween,
  isSame,
  parsed,
  pathOf,
  pointer,
  rebased,
  valueAt,
  withValue,
  written,
  type Json,
} from "@/features/settings/document";
import { faultsIn, namesAt, schemaAt, valuesAt, type Schema } from "@/features/settings/schema";
import { inWords, placeInWords } from "@/features/settings/words";
import { SETTINGS, SETTINGS_SCHEMA } from "@/testing/settings";

const schema = SETTINGS_SCHEMA as unknown as Schema;
const settings = SETTINGS as unknown as Json;
const name = fc.constantFrom("a", "b", "c/d", "~", "__proto__x");
const documents = fc.letrec<{ leaf: Json; tree: Json }>((tie) => ({
  leaf: fc.oneof(fc.integer(), fc.boolean(), fc.string()),
  tree: fc.oneof({ maxDepth: 3 }, tie("leaf"), fc.dictionary(name, tie("tree"), { maxKeys: 3 }) as fc.Arbitrary<Json>),
}));
const objects = fc.dictionary(name, documents.tree, { maxKeys: 3 }) as fc.Arbitrary<Json>;

describe("changes", () => {
  it("made one after the other lead from one document to the other", () => {
    fc.assert(
      fc.property(objects, objects, (before, after) => {
        const made = changesBetween(before, after).reduce(
          (document, one) => withValue(document, pathOf(one.path), one.after),
          before,
        );
        expect(isSame(made, after)).toBe(true);
      }),
    );
  });

  it("are none between a document and itself, written and read again", () => {
    fc.assert(
      fc.property(objects, (document) => {
        expect(changesBetween(document, parsed(written(document)).document ?? "no")).toEqual([]);
      }),
    );
  });

  it("name their place so that it is found again", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (path) => {
        expect(pathOf(pointer(path))).toEqual(path);
      }),
    );
    expect(valueAt(settings, pathOf("/notifications/channels/0/id"))).toBe("desk-discord");
  });
});

describe("two people's changes", () => {
  it("both last where they are in different places", () => {
    const theirs = withValue(settings, ["runtime", "autoStart"], true);
    const mine = withValue(settings, ["alerts", "firstLevel"], 175);
    const { document, conflicts } = rebased(settings, mine, theirs);
    expect(conflicts).toEqual([]);
    expect([valueAt(document, ["runtime", "autoStart"]), valueAt(document, ["alerts", "firstLevel"])]).toEqual([
      true,
      175,
    ]);
  });

  it("of one place are a conflict, in which theirs stands until one chooses", () => {
    const theirs = withValue(settings, ["alerts", "firstLevel"], 200);
    const { document, conflicts } = rebased(settings, withValue(settings, ["alerts", "firstLevel"], 175), theirs);
    expect(conflicts).toEqual([{ path: "/alerts/firstLevel", mine: 175, theirs: 200 }]);
    expect(document).toEqual(theirs);
  });

  it("are no conflict where both did the same", () => {
    const both = withValue(settings, ["alerts", "firstLevel"], 175);
    expect(rebased(settings, both, both)).toEqual({ document: both, conflicts: [] });
  });

  it("never lose what the others did, and mine alone are all there", () => {
    fc.assert(
      fc.property(objects, objects, objects, (base, mine, theirs) => {
        const { document, conflicts } = rebased(base, mine, theirs);
        if (conflicts.length === 0 && isSame(base, theirs)) expect(isSame(document, mine)).toBe(true);
        if (isSame(base, mine)) expect(document).toEqual(theirs);
      }),
    );
  });
});

describe("channels", () => {
  it("are those with an id, each called by its name or else by its id", () => {
    const channels = [{ id: "desk", name: "The desk" }, { id: "bare" }, { name: "new" }, 3];
    expect(channelsIn({ channels })).toEqual([
      { id: "desk", name: "The desk" },
      { id: "bare", name: "bare" },
    ]);
    expect([channelsIn(undefined), channelsIn({ channels: "?" })]).toEqual([[], []]);
  });
});

describe("words", () => {
  it("call what a description names as the form calls it, and leave what it does not know", () => {
    expect(inWords("without `late_after_seconds` it is late; ``warp`` is not")).toBe(
      "without “Late after” it is late; warp is not",
    );
  });
});

describe("the schema", () => {
  it("finds nothing wrong with the settings that the server gave", () => {
    expect(faultsIn(schema, settings)).toEqual([]);
  });

  it.each([
    ["/alerts/firstLevel", 5, "must lie between 10 and 2000"],
    ["/alerts/firstLevel", 10.5, "must be a whole number"],
    ["/alerts/noise/level", "loud", 'must be one of "on", "silent", "off"'],
    ["/runtime/autoStart", "yes", "must be true or false"],
    ["/profile/currency", "dollars", "is longer than 5 characters"],
    ["/profile/currency", "usd", "is not spelled as it must be"],
    ["/symbols/always/0", "BTC", "is not spelled as it must be"],
    ["/exchanges/Coinbase", {}, "is not spelled as it must be"],
    ["/alerts/frist", 1, "is not known"],
    ["/notifications/channels/0/kind", null, 'must be one of "discord", "apprise"'],
  ])("says what is wrong with %s", (path, value, message) => {
    expect(faultsIn(schema, withValue(settings, pathOf(path), value))).toEqual([{ path, message }]);
  });

  it("says what is missing", () => {
    expect(faultsIn(schema, withValue(settings, ["notifications", "quietHours"], {}))).toHaveLength(2);
  });

  it("takes null for what may be absent", () => {
    expect(faultsIn(schema, withValue(settings, ["notifications", "quietHours"], null))).toEqual([]);
  });

  it("completes the names that are not there yet", () => {
    expect(namesAt(schema, ["notifications", "quietHours"], ["fromHour"]).map((one) => one.label)).toEqual(["toHour"]);
    expect(namesAt(schema, ["exchanges", "kraken"], []).map((one) => one.label)).toContain("apiKeyEnv");
  });

  it("completes values", () => {
    expect(valuesAt(schema, ["runtime", "mode"]).map((one) => one.label)).toEqual([
      '"position-monitor"',
      '"scalper-macdv"',
    ]);
    expect(valuesAt(schema, ["alerts", "symbols", "BTC-USD"])).toHaveLength(3);
    expect(valuesAt(schema, ["nowhere", "at", "all"])).toEqual([]);
    expect(schemaAt(schema, ["notifications", "channels", "0", "types", "1"])?.enum).toHaveLength(3);
  });
});

it("a text that is no object says why", () => {
  expect(parsed("{").fault).not.toBeNull();
  expect(parsed("[]").fault).toBe("Settings are an object: { … }");
});

it("places are told in words", () => {
  expect(placeInWords("/alerts/firstLevel")).toBe("Alerts › First level");
  expect(placeInWords("/exchanges/toString")).toBe("Exchanges › toString");
});
