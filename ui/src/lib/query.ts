/** The one cache of what the server said. */
import { QueryClient } from "@tanstack/react-query";

import { Problem } from "@/lib/problem";

const TRIES = 3;

/** A cache that asks again only where asking again may help. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // The socket keeps an answer true only while it is on the screen: who comes back asks again.
        staleTime: 0,
        refetchOnWindowFocus: false,
        retry: (failures, error) => Problem.of(error).isTransient && failures < TRIES,
        retryDelay: (failures) => Math.min(500 * 2 ** failures, 8000),
      },
    },
  });
}
