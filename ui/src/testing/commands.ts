/** Commands and orders for tests, with what does not matter filled in. */
import type { Ordered } from "@/lib/orders";
import type { Command } from "@/lib/resources/commands";
import { NOON } from "@/testing/builders";

export function aCommand(over: Partial<Command> = {}): Command {
  return {
    correlationId: "c1",
    exchangeId: 1,
    step: "done",
    type: "pause",
    payload: {},
    issuedBy: "ada@example.org",
    issuedAt: NOON,
    expiresAt: NOON + 60_000,
    priority: 1,
    instanceId: "0f3a",
    epoch: 4,
    heardAt: null,
    beganAt: null,
    endedAt: null,
    progress: null,
    details: {},
    error: null,
    ...over,
  };
}

export function anOrder(over: Partial<Ordered> = {}, id = "o1"): Ordered {
  return {
    order: { id, exchange: "coinbase", wish: { kind: "command", type: "pause", payload: {} }, at: NOON },
    command: null,
    problem: null,
    ...over,
  };
}
