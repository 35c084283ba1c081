/** The instances and what happens to them: asked for once, then kept by the socket. */
import { queryOptions, infiniteQueryOptions } from "@tanstack/react-query";

import type { ExchangeName, Instance, Network, Status } from "@/api/shapes";
import { answer, api } from "@/lib/http";
import type { LiveMessage } from "@/lib/live";

export const NETWORK_TOPIC = "network";
export const ACTIVITY_TOPIC = "activity";

export const networkQuery = queryOptions({
  queryKey: ["network"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/network", { signal })),
  refetchInterval: 15_000, // liveness is judged by the server, and a dead instance sends no message
});

export function activityQuery(exchange: string | null) {
  return infiniteQueryOptions({
    queryKey: ["activity", exchange],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET("/api/v1/network/activity", {
          params: { query: { exchange: exchange as ExchangeName | null, cursor: pageParam, limit: 50 } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next,
  });
}

/** The network with what one instance, or all of them, newly say. */
export function applyNetwork(network: Network, message: LiveMessage): Network {
  if (message.kind === "snapshot") return isNetwork(message.data) ? message.data : network;
  const changed = message.data as Partial<Instance> | null;
  if (typeof changed?.exchangeId !== "number") return network;
  const items = network.items.map((item) => (item.exchangeId === changed.exchangeId ? { ...item, ...changed } : item));
  return { ...network, items };
}

function isNetwork(data: unknown): data is Network {
  return typeof data === "object" && data !== null && Array.isArray((data as Network).items);
}

/** Whether what this instance shows may be taken for the present. */
export function isFresh(instance: Instance): boolean {
  return (
    instance.liveness === "live" &&
    instance.status?.feedState === "live" &&
    instance.status.connectionState === "active"
  );
}

/** What an instance says of itself, where it says anything. */
export function statusesOf(network: Network | undefined): readonly Status[] {
  return (network?.items ?? []).flatMap((item) => (item.status === null ? [] : [item.status]));
}

/** Whether any market that is shown is simulated. */
export function isSimulated(network: Network | undefined): boolean {
  return statusesOf(network).some((status) => status.simulated);
}

/** The first instance whose market is simulated, or null. */
export function simulatedIn(network: Network | undefined): Status | null {
  return statusesOf(network).find((status) => status.simulated) ?? null;
}
