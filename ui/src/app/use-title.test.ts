import { expect, it } from "vitest";

import { titleOf } from "@/app/use-title";
import { PAGES } from "@/app/pages";

it("calls every page by its name, a chart by its symbol, and an unknown address what it is", () => {
  PAGES.forEach((page) => expect(titleOf(page.to)).toBe(page.title));
  expect(titleOf("/chart/coinbase/BTC-USD")).toBe("BTC-USD");
  expect(titleOf("/alerts/0f3a")).toBe("Alert");
  expect(titleOf("/nowhere")).toBe("No such page");
});
