/**
 * What this page has asked of instances and is not told of otherwise yet.
 *
 * An order is "requested" from the press of the button until the server says that an instance has heard it, and not a
 * moment longer or shorter; one that nobody heard says so and can be sent again.
 */
import { useMutation, useMutationState, useQueryClient } from "@tanstack/react-query";

import type { ExchangeName } from "@/api/shapes";
import { answer, api } from "@/lib/http";
import { useTopic } from "@/lib/link";
import type { Problem } from "@/lib/problem";
import {
  applyCommand,
  commandIn,
  commandQuery,
  commandsQuery,
  commandsTopic,
  isOver,
  joined,
  type Command,
  type CommandPages,
  type CommandType,
} from "@/lib/resources/commands";
import { useIsAdmin } from "@/lib/session";

/** What is asked, and by which route: the symbols have routes of their own, as not only admins may change them. */
export type Wish =
  | { readonly kind: "command"; readonly type: CommandType; readonly payload: Readonly<Record<string, unknown>> }
  | { readonly kind: "add"; readonly symbol: string; readonly tier: number }
  | { readonly kind: "import"; readonly text: string; readonly tier: number; readonly count: number }
  | { readonly kind: "remove"; readonly symbol: string; readonly tier: number };

export interface Order {
  /** Ours from the beginning; a command of the control panel has it as its correlation id. */
  readonly id: string;
  readonly exchange: string;
  readonly wish: Wish;
  readonly at: number;
}

const KEY = ["order"];
/** How long an order of this page is remembered after its end. */
const REMEMBERED_MS = 10 * 60_000;

/** An id that no other order has; not `randomUUID`, which browsers keep from pages that came without TLS. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function send({ exchange, wish, id }: Order): Promise<Command> {
  const path = { exchange: exchange as ExchangeName };
  switch (wish.kind) {
    case "command":
      return answer(
        api.POST("/api/v1/exchanges/{exchange}/commands", {
          params: { path },
          body: { type: wish.type, payload: { ...wish.payload }, correlationId: id, expiresIn: 60_000 },
        }),
      );
    case "add":
      return answer(
        api.POST("/api/v1/exchanges/{exchange}/symbols", {
          params: { path },
          body: { symbol: wish.symbol, tier: wish.tier },
        }),
      );
    case "import":
      return answer(
        api.POST("/api/v1/exchanges/{exchange}/symbols/import", {
          params: { path },
          body: { text: wish.text, tier: wish.tier },
        }),
      );
    case "remove":
      return answer(
        api.DELETE("/api/v1/exchanges/{exchange}/symbols/{symbol}", {
          params: { path: { ...path, symbol: wish.symbol }, query: { tier: wish.tier } },
        }),
      );
  }
}

/** Ask something of an exchange's instance; what became of it is in `useOrders`. */
export function useOrder(exchange: string): (wish: Wish) => void {
  const client = useQueryClient();
  const { mutate } = useMutation({
    mutationKey: KEY,
    mutationFn: send,
    gcTime: REMEMBERED_MS,
    onSuccess: (command, order) => {
      noteCommand(client, order.exchange, command);
    },
  });
  return (wish) => mutate({ id: newId(), exchange, wish, at: Date.now() });
}

type Client = ReturnType<typeof useQueryClient>;

/** Take in what is newly known of a command, wherever it is shown. */
function noteCommand(client: Client, exchange: string, command: Command): void {
  client.setQueryData<CommandPages>(commandsQuery(exchange).queryKey, (old) =>
    old === undefined ? old : applyCommand(old, command),
  );
  client.setQueryData<Command>(commandQuery(exchange, command.correlationId).queryKey, (old) =>
    old === undefined ? command : joined(old, command),
  );
}

export interface Ordered {
  readonly order: Order;
  /** What the server said of it at first, or null while it has said nothing. */
  readonly command: Command | null;
  /** Why it was not taken, or null. */
  readonly problem: Problem | null;
}

/** The orders of this page for an exchange, the newest first. */
export function useOrders(exchange: string): readonly Ordered[] {
  const found = useMutationState({
    filters: { mutationKey: KEY },
    select: (mutation): Ordered => ({
      order: mutation.state.variables as Order,
      command: (mutation.state.data as Command | undefined) ?? null,
      problem: mutation.state.status === "error" ? (mutation.state.error as unknown as Problem) : null,
    }),
  });
  return found.filter((one) => one.order.exchange === exchange).toReversed();
}

/** Hear the steps of an exchange's commands; `onEnd` is told of each that ends. Only admins may hear them. */
export function useCommandSteps(exchange: string, onEnd?: (command: Command) => void): void {
  const client = useQueryClient();
  const isAdmin = useIsAdmin();
  useTopic(!isAdmin || exchange === "" ? null : commandsTopic(exchange), (messages) => {
    if (messages.some((message) => message.kind === "dropped")) {
      void client.invalidateQueries({ queryKey: commandsQuery(exchange).queryKey });
      void client.invalidateQueries({ queryKey: ["command", exchange] });
      return;
    }
    for (const message of messages) {
      const command = commandIn(message);
      if (command === null) continue;
      noteCommand(client, exchange, command);
      if (isOver(command.step)) onEnd?.(command);
    }
  });
}
