import { describe, expect, it } from "vitest";

import { channelTroubles, untoldWords } from "@/lib/resources/deliveries";
import type { Delivery } from "@/lib/resources/provenance";
import { NOON } from "@/testing/builders";

const HOUR = 3_600_000;

function aDelivery(id: number, over: Partial<Delivery> = {}): Delivery {
  return {
    id,
    alertId: `a${id}`,
    userId: 1,
    channel: "Desk",
    statusTold: "fired",
    status: "pending",
    reason: null,
    silent: false,
    attempts: 0,
    dueAt: NOON,
    createdAt: NOON + id,
    finishedAt: null,
    ...over,
  };
}

const tried = { attempts: 2, reason: "Discord did not answer in time" };

describe("the channels that take nothing", () => {
  it("are those with something that was tried in vain, with all that waits behind it", () => {
    const [found, ...others] = channelTroubles([aDelivery(7), aDelivery(5, tried), aDelivery(6)], NOON);
    expect(found).toEqual({ channel: "Desk", waiting: 3, givenUp: 0, since: NOON + 5, reason: tried.reason });
    expect(others).toEqual([]);
  });

  it("are not those whose deliveries wait for their first try, or were told or left out", () => {
    const told = aDelivery(1, { ...tried, status: "delivered", finishedAt: NOON });
    const leftOut = aDelivery(2, { status: "suppressed", reason: "the channel has no alerts of 5m" });
    expect(channelTroubles([told, leftOut, aDelivery(3), aDelivery(4)], NOON)).toEqual([]);
  });

  it("are each told for themselves, also where two people call theirs alike", () => {
    const all = [aDelivery(1, tried), aDelivery(2, { ...tried, userId: 2 }), aDelivery(3, { ...tried, channel: "b" })];
    expect(channelTroubles(all, NOON)).toHaveLength(3);
  });

  it("are forgotten a day after the last that was given up", () => {
    const failed = aDelivery(1, { ...tried, status: "failed", finishedAt: NOON });
    expect(channelTroubles([failed], NOON + 23 * HOUR)).toMatchObject([{ givenUp: 1, waiting: 0 }]);
    expect(channelTroubles([failed], NOON + 25 * HOUR)).toEqual([]);
  });

  it("say how many alerts nobody was told of", () => {
    const words = (waiting: number, givenUp: number) =>
      untoldWords({ channel: "Desk", waiting, givenUp, since: NOON, reason: null });
    expect(words(84, 0)).toBe("84 alerts wait");
    expect(words(1, 2)).toBe("1 alert waits, 2 alerts were given up");
    expect(words(0, 1)).toBe("1 alert was given up");
  });
});
