/** The logs of the processes on the server's machine, the newest lines first; they have no topic and are asked for. */
import { queryOptions } from "@tanstack/react-query";

import type { components } from "@/api/schema";
import { answer, api } from "@/lib/http";

export type LogLine = components["schemas"]["LogLineShown"];
export type LogPage = components["schemas"]["LogPageShown"];

export const LEVELS = ["debug", "info", "warning", "error"] as const;
export type Level = (typeof LEVELS)[number];

export interface LogFilter {
  readonly file?: string;
  readonly level?: Level;
  readonly q?: string;
  readonly id?: string;
  /** Whether requests that were answered as wished are shown as well; the page leaves them out by itself. */
  readonly requests?: true;
}

/** How many lines are asked for at once. */
export const LINES_A_PAGE = 200;

/** The lines before `cursor` that a filter lets through, or the newest ones. */
export function fetchLines(filter: LogFilter, cursor: string | null, signal: AbortSignal): Promise<LogPage> {
  const query = {
    file: filter.file ?? null,
    level: filter.level ?? "info",
    search: filter.q ?? null,
    correlationId: filter.id ?? null,
    cursor,
    limit: LINES_A_PAGE,
  };
  return answer(api.GET("/api/v1/logs", { params: { query }, signal }));
}

/** How often the list of files is asked for: a process that is started has a file of its own. */
const FILES_EVERY_MS = 30_000;

export const logFilesQuery = queryOptions({
  queryKey: ["log-files"],
  queryFn: async ({ signal }) => (await fetchLines({ level: "error" }, null, signal)).files,
  refetchInterval: FILES_EVERY_MS,
});
