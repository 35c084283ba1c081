import { describe, expect, it } from "vitest";
import fc from "fast-check";

import {
  decoded,
  openLive,
  RENEWAL_MS,
  SILENCE_MS,
  UNAUTHENTICATED,
  FORBIDDEN,
  waitBefore,
  type Socket,
} from "@/lib/live";

class Wire implements Socket {
  sent: unknown[] = [];
  isClosed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.isClosed = true;
  }
  says(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

/** A world whose time stands still until it is moved. */
function world(first: string | null = "t") {
  let token = first;
  const wires: Wire[] = [];
  const asked: boolean[] = [];
  let now = 1000;
  let due: { at: number; act: () => void }[] = [];
  return {
    wires,
    asked,
    open: () => {
      const wire = new Wire();
      wires.push(wire);
      return wire;
    },
    token: (isStale: boolean) => {
      asked.push(isStale);
      return Promise.resolve(token);
    },
    grant: (next: string | null) => (token = next),
    now: () => now,
    chance: () => 1,
    after: (ms: number, act: () => void) => {
      const entry = { at: now + ms, act };
      due.push(entry);
      return () => (due = due.filter((other) => other !== entry));
    },
    async pass(ms: number) {
      now += ms;
      const ready = due.filter((entry) => entry.at <= now);
      due = due.filter((entry) => entry.at > now);
      ready.forEach((entry) => entry.act());
      await settle();
    },
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}

async function opened(token: string | null = "t") {
  const here = world(token);
  const live = openLive(here);
  await settle();
  return { here, live, wire: () => here.wires.at(-1) as Wire };
}

describe("the live link", () => {
  it("tells the server the token of now before the one that it knows is too old, and each one once", async () => {
    const { here, wire } = await opened();
    wire().onopen?.();
    const heard = async (): Promise<void> => {
      wire().says({ topic: "", kind: "heartbeat" }); // or the silence would end the link
      await here.pass(RENEWAL_MS - 1);
      wire().says({ topic: "", kind: "heartbeat" });
      await here.pass(1);
    };
    await heard();
    here.grant("u");
    await heard();
    here.grant("");
    await heard();
    here.grant("u");
    await heard();
    here.grant("v");
    await heard();

    expect(here.wires).toHaveLength(1);
    expect(wire().sent).toEqual([{ token: "t", subscribe: [], cursors: {} }, { token: "u" }, { token: "v" }]);
  });

  it("sends the token and its topics first, and later topics as they are followed", async () => {
    const { live, wire } = await opened();
    live.follow("alerts", () => undefined);
    wire().onopen?.();
    const stop = live.follow("network", () => undefined);
    live.follow("network", () => undefined);
    stop();

    expect(wire().sent).toEqual([{ token: "t", subscribe: ["alerts"], cursors: {} }, { subscribe: ["network"] }]);
  });

  it("resumes every topic from its last cursor after a break", async () => {
    const { here, live, wire } = await opened();
    const heard: unknown[] = [];
    live.follow("alerts", (message) => heard.push(message.data));
    wire().onopen?.();
    wire().says({ topic: "alerts", kind: "change", cursor: "7-0", data: "a" });
    wire().onclose?.({ code: 1006 });
    expect(live.state().phase).toBe("lost");
    await here.pass(500);
    wire().onopen?.();
    expect(live.state().phase).not.toBe("open");
    wire().says({ topic: null, kind: "heartbeat" });

    expect(heard).toEqual(["a"]);
    expect(wire().sent[0]).toEqual({ token: "t", subscribe: ["alerts"], cursors: { alerts: "7-0" } });
    expect(live.state()).toMatchObject({ phase: "open", lostAt: null });
  });

  it("takes silence for a lost link, and heartbeats for life", async () => {
    const { here, live, wire } = await opened();
    wire().onopen?.();
    await here.pass(SILENCE_MS - 1);
    wire().says({ topic: "", kind: "heartbeat" });
    await here.pass(SILENCE_MS - 1);
    expect(live.state().phase).toBe("open");
    await here.pass(1);

    expect(live.state().phase).toBe("lost");
    expect(here.wires[0]?.isClosed).toBe(true);
  });

  it("keeps the instant at which it was first lost through failing tries", async () => {
    const { here, live, wire } = await opened();
    wire().onopen?.();
    wire().onclose?.({ code: 1006 });
    const lostAt = live.state().lostAt;
    await here.pass(500);
    wire().onclose?.({ code: 1006 });

    expect(live.state().lostAt).toBe(lostAt);
    expect(live.state().retryAt).toBe(here.now() + 1000);
  });

  it("asks for a fresh token when the server refuses the old one", async () => {
    const { here, wire } = await opened();
    wire().onopen?.();
    wire().onclose?.({ code: UNAUTHENTICATED });
    await here.pass(500);

    expect(here.asked).toEqual([false, true]);
  });

  it("stops trying when nobody is signed in or the role is refused, until it is hurried", async () => {
    const none = await opened(null);
    expect(none.live.state().phase).toBe("refused");
    const { here, live, wire } = await opened();
    wire().onopen?.();
    wire().onclose?.({ code: FORBIDDEN });
    await here.pass(60_000);
    expect(here.wires).toHaveLength(1);
    live.hurry();
    await settle();

    expect(here.wires).toHaveLength(2);
  });

  it("hears nothing of a socket that it has given up", async () => {
    const { here, live, wire } = await opened();
    const heard: unknown[] = [];
    live.follow("alerts", (message) => heard.push(message.data));
    const first = wire();
    first.onopen?.();
    first.onclose?.({ code: 1006 });
    await here.pass(500);
    first.says({ topic: "alerts", kind: "change", cursor: "1", data: "late" });

    expect(heard).toEqual([]);
  });

  it("opens nothing after it was closed while the token was on its way", async () => {
    const here = world();
    openLive(here).close();
    await settle();

    expect(here.wires).toHaveLength(0);
  });

  it("shows what the server cannot do, until the topic or the store speaks again", async () => {
    const { live, wire } = await opened();
    live.follow("alerts", () => undefined);
    live.follow("tickers:coinbase", () => undefined);
    wire().onopen?.();
    wire().says({ topic: null, kind: "error", data: { code: "no", detail: "no such exchange", topic: "alerts" } });
    wire().says({ topic: null, kind: "error", data: { code: "away", detail: "the store is away", topic: null } });
    wire().says({ topic: null, kind: "heartbeat" });
    expect(live.state().troubles).toEqual([
      { topic: "alerts", detail: "no such exchange" },
      { topic: null, detail: "the store is away" },
    ]);
    wire().says({ topic: "tickers:coinbase", kind: "change", data: [] });
    expect(live.state().troubles).toEqual([{ topic: "alerts", detail: "no such exchange" }]);
    wire().says({ topic: "alerts", kind: "snapshot", data: [] });

    expect(live.state().troubles).toEqual([]);
  });

  it("lets a refused cursor go and asks once more, but never twice", async () => {
    const { live, wire } = await opened();
    live.follow("alerts", () => undefined);
    wire().onopen?.();
    wire().says({ topic: "alerts", kind: "change", cursor: "7-0", data: {} });
    const refusal = { topic: null, kind: "error", data: { code: "bad", detail: "no cursor", topic: "alerts" } };
    wire().says(refusal);
    wire().says(refusal);
    wire().says(refusal);

    expect(wire().sent.slice(1)).toEqual([{ subscribe: ["alerts"] }]);
    expect(live.state().troubles).toHaveLength(1);
  });

  it("forgets troubles with the link, and those of a topic that nobody follows any more", async () => {
    const { live, wire } = await opened();
    const stop = live.follow("alerts", () => undefined);
    wire().onopen?.();
    wire().says({ topic: null, kind: "error", data: { detail: "no", topic: "alerts" } });
    stop();
    expect(live.state().troubles).toEqual([]);
    wire().says({ topic: null, kind: "error", data: { detail: "away", topic: null } });
    wire().onclose?.({ code: 1006 });

    expect(live.state().troubles).toEqual([]);
  });

  it("passes over frames that it cannot read", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.uint8Array()), (frame) => {
        const value = decoded(frame);
        expect(value === null || typeof value === "object").toBe(true);
      }),
    );
  });

  it("waits longer from try to try, never above 30 s and never less than half", () => {
    fc.assert(
      fc.property(fc.nat(2000), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, chance) => {
        const wait = waitBefore(attempt, chance);
        expect(wait).toBeGreaterThanOrEqual(250);
        expect(wait).toBeLessThanOrEqual(30_000);
        expect(waitBefore(attempt + 1, chance)).toBeGreaterThanOrEqual(wait);
      }),
    );
  });
});
