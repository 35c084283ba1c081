/** Logs as they grow: looked at anew every few seconds until they are paused, and read further back on demand. */
import { useMutation, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";

import { merged } from "@/features/logs/merged";
import { isFull, opened, withNewer, withOlder, type Tail } from "@/features/logs/model";
import { fetchLines, logFilesQuery, type LogFilter } from "@/lib/resources/logs";

const LOOK_EVERY_MS = 2500;

/** The file that the filter names, or all of them as one. */
export function useTails(filter: LogFilter, isPaused: boolean) {
  const client = useQueryClient();
  const known = useQuery(logFilesQuery);
  const files = filter.file === undefined ? (known.data ?? []) : [filter.file];
  const keyOf = (file: string) => ["logs", { ...filter, file }] as const;
  const queries = useQueries({
    queries: files.map((file) => ({
      queryKey: keyOf(file),
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const page = await fetchLines({ ...filter, file }, null, signal);
        const before = client.getQueryData<Tail>(keyOf(file));
        return before === undefined ? opened(page) : withNewer(before, page);
      },
      refetchInterval: isPaused ? (false as const) : LOOK_EVERY_MS,
      structuralSharing: false,
      gcTime: 0,
      staleTime: Infinity,
    })),
  });
  const tails = new Map(
    files.flatMap((file, at) => (queries[at]?.data === undefined ? [] : [[file, queries[at].data]])),
  );
  const { placed, behind } = merged(tails);
  const older = useMutation({
    mutationFn: async (asked: readonly string[]) => {
      await Promise.all(
        asked.map(async (file) => {
          const cursor = client.getQueryData<Tail>(keyOf(file))?.next ?? null;
          if (cursor === null) return;
          const page = await fetchLines({ ...filter, file }, cursor, new AbortController().signal);
          client.setQueryData<Tail>(keyOf(file), (tail) => (tail === undefined ? tail : withOlder(tail, page)));
        }),
      );
    },
  });
  const isAtLimit = behind.some((file) =>
    isFull(tails.get(file) ?? { entries: [], next: null, files: [], nextKey: 0 }),
  );
  const failed = [known, ...queries].find((query) => query.isError);
  return {
    files: known.data ?? [],
    placed,
    isMore: behind.length > 0,
    isAtLimit,
    isPending: (filter.file === undefined && known.isPending) || queries.some((query) => query.isPending),
    hasAny: tails.size > 0,
    error: failed?.error ?? null,
    again: () => void Promise.all([known.refetch(), ...queries.map((query) => query.refetch())]),
    older,
    goBack: () => behind.length > 0 && !older.isPending && !isAtLimit && older.mutate(behind),
  };
}
