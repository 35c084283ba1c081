import { expect, it } from "vitest";

import { known } from "@/app/known-search";
import { chartSearch } from "@/features/chart/search";

it("leaves nothing of an address that the page does not understand", () => {
  const said = { tf: "7m", with: "binance", colour: "red" };
  // The router lays what a page understands over what was said.
  const merged = { ...said, ...known(chartSearch)(said) };
  expect(merged).toEqual({ tf: undefined, with: "binance", colour: undefined });
});
