/** One's settings: read with their version, replaced only at the version that was read, and what came before them. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import type { components } from "@/api/schema";
import { answer, api } from "@/lib/http";
import { Problem } from "@/lib/problem";

type Schemas = components["schemas"];

export type Settings = Schemas["SettingsShown"];
export type SettingsChange = Schemas["SettingsChange"];
export type SettingsVersion = Schemas["VersionShown"];
export type Preview = Schemas["PreviewShown"];
export type Document = Settings["settings"];

const LOOK_EVERY_MS = 20_000;

/** Looked at every now and then: settings have no topic, and somebody may save them elsewhere. */
export const settingsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/settings", { signal })),
  refetchInterval: LOOK_EVERY_MS,
});

export const settingsSchemaQuery = queryOptions({
  queryKey: ["settings-schema"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/settings/schema", { signal })),
  staleTime: Infinity,
});

export const settingsHistoryQuery = infiniteQueryOptions({
  queryKey: ["settings-history"],
  initialPageParam: null as string | null,
  queryFn: ({ pageParam, signal }) =>
    answer(api.GET("/api/v1/settings/history", { params: { query: { cursor: pageParam, limit: 30 } }, signal })),
  getNextPageParam: (page) => page.next,
});

/** Settings that the server refused, place by place. */
export class Refused extends Problem {
  readonly places: readonly { readonly path: string; readonly message: string }[];

  constructor(problem: Problem, places: Refused["places"]) {
    super(problem.status, problem.title, problem.detail, problem.requestId);
    this.places = places;
  }
}

const tag = (version: number): string => `"${version}"`;

export async function replaceSettings(document: Document, version: number): Promise<Settings> {
  const asked = await api.PUT("/api/v1/settings", { params: { header: { "If-Match": tag(version) } }, body: document });
  const told = asked.error as { errors?: unknown } | undefined;
  const places = Array.isArray(told?.errors) ? (told.errors as Refused["places"]) : [];
  try {
    return await answer(Promise.resolve(asked));
  } catch (error) {
    throw places.length > 0 ? new Refused(Problem.of(error), places) : error;
  }
}

export function restoreSettings(restored: number, version: number): Promise<Settings> {
  return answer(
    api.POST("/api/v1/settings/restore", {
      params: { header: { "If-Match": tag(version) } },
      body: { version: restored },
    }),
  );
}

export function exportSettings(): Promise<unknown> {
  return answer(api.GET("/api/v1/settings/export"));
}

/** What an import would change; with the version that was looked at, it is done. */
export function importSettings(document: Document, version: number | null): Promise<Schemas["ImportShown"]> {
  const header = version === null ? {} : { header: { "If-Match": tag(version) } };
  return answer(
    api.POST("/api/v1/settings/import", {
      params: { query: { dryRun: version === null }, ...header },
      body: { document },
    }),
  );
}

/** How often these thresholds would have fired in the last seven days. */
export function previewAlerts(alerts: Document): Promise<Preview> {
  return answer(api.POST("/api/v1/settings/alerts/preview", { body: alerts }));
}

/** Send a test message on one's own channel, as it is saved; whether it was taken. */
export function tryChannel(id: string): Promise<Schemas["TestShown"]> {
  return answer(api.POST("/api/v1/notifications/channels/{channel_id}/test", { params: { path: { channel_id: id } } }));
}
