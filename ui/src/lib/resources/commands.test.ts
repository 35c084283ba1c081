import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { aCommand } from "@/testing/commands";
import { NOON } from "@/testing/builders";
import {
  applyCommand,
  commandIn,
  further,
  hasFailed,
  isOver,
  joined,
  type Command,
  type CommandPages,
  type Step,
} from "@/lib/resources/commands";

const pagesOf = (...items: Command[]): CommandPages => ({ pages: [{ items, next: null }], pageParams: [null] });
const news = (step: Step, over: Record<string, unknown> = {}): Command | null =>
  commandIn({
    topic: "commands:coinbase",
    kind: "change",
    data: { correlationId: "c1", exchangeId: 1, step, time: NOON + 500, instanceId: "0f3a", epoch: 4, ...over },
  });

const STEPS: readonly Step[] = ["requested", "heard", "running", "done", "failed", "refused", "unheard"];
const anyStep = fc.constantFrom(...STEPS);

describe("a command", () => {
  it("never goes back, in whatever order its steps are told", () => {
    fc.assert(
      fc.property(anyStep, anyStep, (one, other) => {
        const step = further(aCommand({ step: one }), aCommand({ step: other })).step;
        expect(isOver(step)).toBe(isOver(one) || isOver(other));
      }),
    );
  });

  it("takes in how far it is without losing when it began, and forgets it at its end", () => {
    const running = aCommand({ step: "running", beganAt: NOON + 9, progress: null });
    const told = commandIn({
      topic: "commands:coinbase",
      kind: "change",
      data: { correlationId: "c1", exchangeId: 1, step: "progress", time: NOON + 50, data: { done: 3, total: 8 } },
    }) as Command;
    const on = joined(running, told);
    expect(on).toMatchObject({ step: "running", beganAt: NOON + 9, progress: { done: 3, total: 8, time: NOON + 50 } });
    expect(joined(on, news("done") as Command).progress).toBeNull();
  });

  it("keeps the times of the steps it has passed", () => {
    const heard = aCommand({ step: "heard", heardAt: NOON + 5 });
    const done = news("done", { data: { isChanged: true } }) as Command;
    expect(joined(heard, done)).toMatchObject({
      step: "done",
      type: "pause",
      heardAt: NOON + 5,
      endedAt: NOON + 500,
      details: { isChanged: true },
    });
  });

  it("keeps its progress while it runs and none once it has ended", () => {
    const progress = { time: NOON, done: 3, total: 5, text: "3 of 5 series" };
    const running = aCommand({ step: "running", progress });
    expect(further(running, aCommand({ step: "running", progress: null })).progress).toEqual(progress);
    expect(further(running, aCommand({ step: "done" })).progress).toBeNull();
  });

  it("has failed when it ended otherwise than was wished", () => {
    expect(STEPS.filter(hasFailed)).toEqual(["failed", "refused", "unheard"]);
  });
});

describe("the pages of commands", () => {
  it("take a new command on top and a known one in its place", () => {
    const fresh = news("heard", { order: { type: "stop", payload: {}, issuedBy: "ada@example.org", issuedAt: NOON } });
    const pages = applyCommand(pagesOf(aCommand({ correlationId: "c0" })), fresh as Command);
    expect(pages.pages[0]?.items.map((one) => one.correlationId)).toEqual(["c1", "c0"]);
    const failed = news("failed", { error: { code: "expired", message: "too late" } }) as Command;
    expect(applyCommand(pages, failed).pages[0]?.items[0]).toMatchObject({
      type: "stop",
      step: "failed",
      error: { code: "expired" },
    });
  });

  it("show no step whose order nobody has told", () => {
    const pages = pagesOf(aCommand({ correlationId: "c0" }));
    expect(applyCommand(pages, news("running") as Command)).toBe(pages);
  });

  it("pass over what is no step", () => {
    const data = [null, 7, "heard", {}, { correlationId: "c1", step: "toString", time: 1 }, { correlationId: 1 }];
    for (const one of data) expect(commandIn({ topic: "commands:coinbase", kind: "change", data: one })).toBeNull();
  });
});
