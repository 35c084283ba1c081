import { expect, it } from "vitest";

import { Problem } from "@/lib/problem";
import { AGAIN_MS, whileAway } from "@/lib/query";

it("asks again by itself for what the server could not give, and for nothing that it refused or gave", () => {
  const after = (error: unknown): number | false => whileAway({ state: { error } });
  expect([0, 429, 500, 503].map((status) => after(new Problem(status, "", "")))).toEqual(Array(4).fill(AGAIN_MS));
  expect([400, 403, 404, 409].map((status) => after(new Problem(status, "", "")))).toEqual(Array(4).fill(false));
  expect([after(null), after(new TypeError("fetch failed"))]).toEqual([false, AGAIN_MS]);
});
