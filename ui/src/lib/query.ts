/** The one cache of what the server said. */
import { QueryClient } from "@tanstack/react-query";

import { Problem } from "@/lib/problem";

const TRIES = 3;
/** How often what failed is asked for again while it is on the screen and may come back by itself, ms. */
export const AGAIN_MS = 8000;

/** When a query is asked for again by itself: never, unless the server was away when it was asked for last. */
export function whileAway(query: { readonly state: { readonly error: unknown } }): number | false {
  const { error } = query.state;
  return error !== null && Problem.of(error).isTransient ? AGAIN_MS : false;
}

/** A cache that asks again only where asking again may help. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // The socket keeps an answer true only while it is on the screen: who comes back asks again.
        staleTime: 0,
        refetchInterval: whileAway,
        refetchOnWindowFocus: false,
        retry: (failures, error) => Problem.of(error).isTransient && failures < TRIES,
        retryDelay: (failures) => Math.min(500 * 2 ** failures, 8000),
      },
    },
  });
}
