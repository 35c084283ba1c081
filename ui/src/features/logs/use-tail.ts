/** A log as it grows: looked at anew every few seconds until it is paused, and read further back on demand. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { EMPTY, isFull, opened, withNewer, withOlder, type Tail } from "@/features/logs/model";
import { fetchLines, type LogFilter } from "@/lib/resources/logs";

const LOOK_EVERY_MS = 2500;

export function useTail(filter: LogFilter, isPaused: boolean) {
  const client = useQueryClient();
  const queryKey = ["logs", filter];
  const query = useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const page = await fetchLines(filter, null, signal);
      const known = client.getQueryData<Tail>(queryKey);
      return known === undefined ? opened(page) : withNewer(known, page);
    },
    refetchInterval: isPaused ? false : LOOK_EVERY_MS,
    structuralSharing: false,
    gcTime: 0,
    staleTime: Infinity,
  });
  const tail = query.data ?? EMPTY;
  const older = useMutation({
    mutationFn: (cursor: string) => fetchLines(filter, cursor, new AbortController().signal),
    onSuccess: (page) =>
      client.setQueryData<Tail>(queryKey, (known) => (known === undefined ? known : withOlder(known, page))),
  });
  return {
    query,
    tail,
    older,
    goBack: () => tail.next !== null && !older.isPending && !isFull(tail) && older.mutate(tail.next),
  };
}
