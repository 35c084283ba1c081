import { expect, it } from "vitest";

import { isSilent, SILENCE_MS } from "@/lib/stale";

it("takes the network for silent when nothing of it has come for long, but not before anything has come", () => {
  expect([isSilent(0, 1e9), isSilent(1000, 1000 + SILENCE_MS), isSilent(1000, 1001 + SILENCE_MS)]).toEqual([
    false,
    false,
    true,
  ]);
});
