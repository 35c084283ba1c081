/** The orders of this page as they stand now; what an order was answered with at first is only its beginning. */
import { useQueries } from "@tanstack/react-query";

import type { Ordered } from "@/lib/orders";
import { commandQuery, isOver, joined } from "@/lib/resources/commands";

export function useFollowedOrders(exchange: string, orders: readonly Ordered[]): readonly Ordered[] {
  const found = useQueries({
    queries: orders.map(({ command }) => ({
      ...commandQuery(exchange, command?.correlationId ?? ""),
      enabled: command !== null && !isOver(command.step),
    })),
  });
  return orders.map((one, at) => {
    const news = found[at]?.data;
    return one.command === null || news === undefined ? one : { ...one, command: joined(one.command, news) };
  });
}
