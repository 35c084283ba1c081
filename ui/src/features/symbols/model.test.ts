import { describe, expect, it } from "vitest";

import {
  arriving,
  knownAs,
  leaving,
  mayRemove,
  newestOf,
  rowsOf,
  shown,
  tallyOf,
  totalsOf,
  verdictsOf,
  wishTitle,
  withBareLines,
} from "@/features/symbols/model";
import { symbolsSearch } from "@/features/symbols/search";
import type { Ordered } from "@/lib/orders";
import type { Step } from "@/lib/resources/commands";
import type { Watched } from "@/lib/resources/symbols";
import { aReading, aRow, NOON } from "@/testing/builders";
import { aCommand } from "@/testing/commands";

const quality = { candles: 300, convergence: 2e-5, emptyRatio: 0, newestClose: NOON };
const watched = (symbol: string, over: Partial<Watched> = {}): Watched => ({
  symbol,
  tier: 1,
  rank: 1,
  volume: "1.5",
  user: null,
  isActive: true,
  quality,
  ...over,
});
const word = (over: Partial<Watched>, newest = NOON): string => knownAs(watched("BTC-USD", over), newest).word;

describe("the quality of a symbol", () => {
  it("is known only where nothing is missing", () => {
    expect(word({})).toBe("Known");
    expect(word({ quality: null })).toBe("Warming");
    expect(word({ quality: { ...quality, candles: 59 } })).toBe("Too short");
    expect(word({ quality: { ...quality, candles: 60 } })).toBe("Known");
    expect(word({ quality: { ...quality, newestClose: null } })).toBe("Behind");
    expect(word({ quality: { ...quality, convergence: 0.2 } })).toBe("Settling");
  });

  it("is judged in event time: one candle may be on its way, two are not", () => {
    expect(word({}, NOON + 300_000)).toBe("Known");
    expect(word({}, NOON + 600_000)).toBe("Behind");
  });

  it("follows the stream, which tells of a candle before the list does", () => {
    const rows = rowsOf([watched("ETH-USD")], [aRow("ETH-USD", { "5m": aReading({ closeTime: NOON + 300_000 }) })]);
    expect(rows[0]?.watched.quality?.newestClose).toBe(NOON + 300_000);
    expect(newestOf(rows)).toBe(NOON + 300_000);
    const older = rowsOf([watched("ETH-USD")], [aRow("ETH-USD", { "5m": aReading({ closeTime: NOON - 300_000 }) })]);
    expect(older[0]?.watched.quality?.newestClose).toBe(NOON);
  });
});

describe("an order about a symbol", () => {
  const ordered = (kind: "add" | "remove", step: Step | null, tier = 1): Ordered => ({
    order: { id: kind, exchange: "coinbase", wish: { kind, symbol: "DOGE-USD", tier }, at: NOON },
    command: step === null ? null : aCommand({ step }),
    problem: null,
  });

  it("is followed to its end", () => {
    expect(arriving([ordered("add", null)], 1).get("DOGE-USD")).toBe("requested");
    expect(arriving([ordered("add", "done")], 1).get("DOGE-USD")).toBe("done");
    expect(arriving([ordered("add", "done", 2)], 1).size).toBe(0);
    expect(leaving([ordered("remove", "heard")])).toEqual(["DOGE-USD 1"]);
    expect(leaving([ordered("remove", "done")])).toEqual([]);
    expect(leaving([ordered("remove", "failed")])).toEqual([]);
  });

  it("counts only until there is a newer one", () => {
    expect(leaving([ordered("add", "heard"), ordered("remove", "heard")])).toEqual([]);
    expect(arriving([ordered("remove", "done"), ordered("add", "done")], 1).size).toBe(0);
  });
});

it("a symbol that was removed is neither listed nor counted", () => {
  const rows = rowsOf([watched("BTC-USD"), watched("DOGE-USD", { isActive: false })], []);
  expect(rows.map((row) => row.watched.symbol)).toEqual(["BTC-USD"]);
  expect(totalsOf(rows).all).toBe(1);
});

describe("the list of symbols", () => {
  const rows = rowsOf(
    [
      watched("BTC-USD", { rank: 1 }),
      watched("ETH-USD", { rank: 2 }),
      watched("JUP-USD", { rank: null, tier: 2, user: "7" }),
    ],
    [aRow("BTC-USD", {}, 64_000), aRow("ETH-USD", {}, 3000)],
  );
  const names = (search: Parameters<typeof shown>[1]): string[] => shown(rows, search).map((row) => row.watched.symbol);

  it("is filtered by text and tier", () => {
    expect(names({ q: "eth" })).toEqual(["ETH-USD"]);
    expect(names({ tier: 2 })).toEqual(["JUP-USD"]);
    expect(names({ q: "nope" })).toEqual([]);
  });

  it("has last what is not known, whichever way it is sorted", () => {
    expect(names({ sort: "price" })).toEqual(["ETH-USD", "BTC-USD", "JUP-USD"]);
    expect(names({ sort: "price", desc: true })).toEqual(["BTC-USD", "ETH-USD", "JUP-USD"]);
    expect(names({ sort: "rank", desc: true })).toEqual(["BTC-USD", "ETH-USD", "JUP-USD"]);
    expect(names({ sort: "symbol", desc: true })).toEqual(["JUP-USD", "ETH-USD", "BTC-USD"]);
  });

  it("counts a symbol of two people once, and what is on its way", () => {
    const both = [watched("BTC-USD"), watched("BTC-USD", { tier: 2, user: "7", quality: null })];
    expect(totalsOf(rowsOf(both, []))).toEqual({ all: 1, everybodys: 1, own: 1, warming: 1, behind: 0 });
  });

  it("lets admins take off what is everybody's and each person what is their own", () => {
    const everybodys = watched("BTC-USD");
    const mine = watched("JUP-USD", { tier: 2, user: "7" });
    expect(mayRemove(everybodys, { id: "7", isAdmin: false })).toBe(false);
    expect(mayRemove(everybodys, { id: "1", isAdmin: true })).toBe(true);
    expect(mayRemove(mine, { id: "7", isAdmin: false })).toBe(true);
    expect(mayRemove(mine, { id: "1", isAdmin: true })).toBe(false);
  });
});

describe("a pasted list", () => {
  it("is told apart into what is to be added, what is there, and what is wrong", () => {
    const line = (
      reason: string | null,
    ): { line: number; text: string; symbol: string | null; reason: string | null } => ({
      line: 1,
      text: "x",
      symbol: reason === null ? "X-USD" : null,
      reason,
    });
    const reasons = [
      null,
      "X-USD is watched already",
      "X-USD stands in the list twice",
      "is no symbol; one looks like BTC-USD",
    ];
    expect(tallyOf(reasons.map(line))).toEqual({ fresh: 1, idle: 2, wrong: 1 });
  });

  it("has a verdict of the instance for each symbol once it has ended, the bad ones first", () => {
    const details = { verdicts: { "A-USD": "added", "B-USD": "refused by the exchange: gone" } };
    expect(verdictsOf(aCommand({ step: "running", details }))).toEqual([]);
    expect(verdictsOf(aCommand({ details })).map((one) => [one.symbol, one.isGood])).toEqual([
      ["B-USD", false],
      ["A-USD", true],
    ]);
  });

  it("is called by how much it adds", () => {
    expect(wishTitle({ kind: "import", text: "x", tier: 1, count: 1 })).toBe("Watch 1 symbol");
    expect(wishTitle({ kind: "import", text: "x", tier: 1, count: 4 })).toBe("Watch 4 symbols");
  });
});

it("reads its address and leaves out what is wrong in it", () => {
  expect(symbolsSearch({ tier: 2, sort: "rank", desc: true, panel: "import", q: "bt" })).toEqual({
    tier: 2,
    sort: "rank",
    desc: true,
    panel: "import",
    q: "bt",
  });
  expect(symbolsSearch({ tier: 3, sort: "luck", desc: "yes", panel: "door", q: 4, exchange: "" })).toEqual({});
});

describe("lines of nothing but separators", () => {
  it("have a verdict in words at their place, and no other line has one more", () => {
    const known = { line: 3, text: "BTC-USD", symbol: "BTC-USD", reason: null };
    const all = withBareLines(";;;,\n\nBTC-USD,\n , ", [known]);
    expect(all.map((one) => [one.line, one.symbol])).toEqual([
      [1, null],
      [3, "BTC-USD"],
      [4, null],
    ]);
    expect(all[0]?.reason).toContain("names no symbol");
    expect(tallyOf(all)).toEqual({ fresh: 1, idle: 0, wrong: 2 });
    expect(withBareLines('["BTC-USD",\n,\n]', [])).toEqual([]);
  });
});
