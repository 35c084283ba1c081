/** What people were told of alerts and what not: pages of the outbox, and which channels take nothing. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { answer, api } from "@/lib/http";
import { whileAway } from "@/lib/query";
import type { Delivery } from "@/lib/resources/provenance";

export type DeliveryStatus = Delivery["status"];

const PAGE = 50;
/** So many are looked through for channels that take nothing; the server hands out no more at once. */
const LOOKED_THROUGH = 500;
/** Deliveries have no topic of their own. */
const EVERY_MS = 10_000;
/** What was given up is an open problem for so long: a night and the morning after it. */
const OPEN_FOR_MS = 24 * 3_600_000;

export function deliveriesQuery(status: DeliveryStatus | null) {
  return infiniteQueryOptions({
    queryKey: ["deliveries", status],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      answer(api.GET("/api/v1/deliveries", { params: { query: { status, cursor: pageParam, limit: PAGE } }, signal })),
    getNextPageParam: (page) => page.next,
    structuralSharing: false,
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 1 ? whileAway(query) : EVERY_MS),
  });
}

/** The newest of those that wait or were given up. */
export function untoldQuery(status: "pending" | "failed") {
  return queryOptions({
    queryKey: ["deliveries", "untold", status],
    queryFn: async ({ signal }) =>
      (await answer(api.GET("/api/v1/deliveries", { params: { query: { status, limit: LOOKED_THROUGH } }, signal })))
        .items,
    refetchInterval: EVERY_MS,
  });
}

/** A channel that takes nothing, or took something not at all. */
export interface ChannelTrouble {
  readonly channel: string;
  /** How many wait that were tried already, and how many have not been, behind them. */
  readonly waiting: number;
  /** How many were given up during the last day. */
  readonly givenUp: number;
  /** Since when the oldest of them is to be told. */
  readonly since: number;
  /** What the channel said last. */
  readonly reason: string | null;
}

/** The channels with something that was tried in vain: those that wait for their first try are on their way. */
export function channelTroubles(deliveries: readonly Delivery[], now: number): readonly ChannelTrouble[] {
  const byChannel = new Map<string, Delivery[]>();
  for (const one of deliveries.filter((each) => isUntold(each, now))) {
    const key = JSON.stringify([one.userId, one.channel]);
    byChannel.set(key, [...(byChannel.get(key) ?? []), one]);
  }
  return [...byChannel.values()]
    .filter((untold) => untold.some((one) => one.status === "failed" || (one.attempts > 0 && one.reason !== null)))
    .map((untold) => {
      const newestFirst = untold.toSorted((one, other) => other.id - one.id);
      return {
        channel: newestFirst[0]?.channel ?? "",
        waiting: untold.filter((one) => one.status === "pending").length,
        givenUp: untold.filter((one) => one.status === "failed").length,
        since: Math.min(...untold.map((one) => one.createdAt)),
        reason: newestFirst.find((one) => one.reason !== null)?.reason ?? null,
      };
    });
}

function isUntold(one: Delivery, now: number): boolean {
  return one.status === "pending" || (one.status === "failed" && now - (one.finishedAt ?? now) < OPEN_FOR_MS);
}

/** How many alerts a channel has not told, in words. */
export function untoldWords({ waiting, givenUp }: ChannelTrouble): string {
  const alerts = (count: number): string => `${count} ${count === 1 ? "alert" : "alerts"}`;
  const parts = [
    ...(waiting > 0 ? [`${alerts(waiting)} ${waiting === 1 ? "waits" : "wait"}`] : []),
    ...(givenUp > 0 ? [`${alerts(givenUp)} ${givenUp === 1 ? "was" : "were"} given up`] : []),
  ];
  return parts.join(", ");
}
