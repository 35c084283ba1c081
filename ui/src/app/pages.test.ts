import { expect, it } from "vitest";

import { PAGES, pagesOf } from "@/app/pages";

const HIDDEN = ["/control", "/logs", "/people"];
const listed = (role: Parameters<typeof pagesOf>[0]): readonly string[] => pagesOf(role).map((page) => page.to);

it("lists every page for an administrator, and only those that the role may open for everybody else", () => {
  expect(pagesOf("admin")).toEqual(PAGES);
  expect(PAGES.filter((page) => !listed("user").includes(page.to)).map((page) => page.to)).toEqual(HIDDEN);
  for (const role of ["subscriber_basic", "subscriber_pro", null] as const) {
    expect(listed(role)).toEqual(["/", "/signals", "/alerts", "/network", "/symbols", "/exchanges", "/settings"]);
  }
});
