/** Whether these screens and the server are of one version: a page that stays open outlives many servers. */
import { useSyncExternalStore } from "react";

declare const __UI_VERSION__: string;

export const UI_VERSION = __UI_VERSION__;
export const VERSION_HEADER = "x-livermore-version";

let served: string | null = null;
const watchers = new Set<() => void>();

/** Take note of the version that a response names. */
export function noteServed(version: string | null): void {
  if (version === null || version === served) return;
  served = version;
  watchers.forEach((watcher) => watcher());
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** The version of the server where it is another than ours, else null. */
export function useOtherVersion(): string | null {
  const version = useSyncExternalStore(watch, () => served);
  return version === null || UI_VERSION === "" || version === UI_VERSION ? null : version;
}
