/** The page's one socket as React sees it, and live messages folded into the query cache in batches. */
import { useQueryClient, type QueryKey } from "@tanstack/react-query";
import { useEffect, useRef, useSyncExternalStore } from "react";

import { openLive, type Live, type LiveMessage, type LiveState, type Socket } from "@/lib/live";
import { session } from "@/lib/session";

export const STREAM_PATH = "/api/v1/stream";
/** How long messages are gathered before they change the screen: many candles close at once. */
const GATHER_MS = 120;

let live: Live | null = null;

function socketUrl(): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${STREAM_PATH}`;
}

/** The link, opened when it is first asked for. */
export function link(): Live {
  live ??= openLive({
    open: () => new WebSocket(socketUrl()) as Socket,
    token: (isStale) => session.token(isStale).catch(() => ""),
    now: Date.now,
    chance: Math.random, // eslint-disable-line no-restricted-properties -- the one place where chance comes in
    after: (ms, act) => {
      const timer = setTimeout(act, ms);
      return () => clearTimeout(timer);
    },
  });
  return live;
}

/** Try again at once when the network is back, the page is looked at, or somebody has signed in. */
export function hurryOnReturn(): () => void {
  const hurry = (): void => {
    if (document.visibilityState === "visible") live?.hurry();
  };
  window.addEventListener("online", hurry);
  document.addEventListener("visibilitychange", hurry);
  const unwatch = session.watch(hurry);
  return () => {
    window.removeEventListener("online", hurry);
    document.removeEventListener("visibilitychange", hurry);
    unwatch();
  };
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (watcher) => link().watch(watcher),
    () => link().state(),
  );
}

/** Hear a topic as long as the component stands; `hear` gets what has gathered, oldest first. */
export function useTopic(topic: string | null, hear: (messages: readonly LiveMessage[]) => void): void {
  const latest = useRef(hear);
  useEffect(() => {
    latest.current = hear;
  });
  useEffect(() => {
    if (topic === null) return;
    let gathered: LiveMessage[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = (): void => {
      timer = undefined;
      const messages = gathered;
      gathered = [];
      latest.current(messages);
    };
    const stop = link().follow(topic, (message) => {
      gathered.push(message);
      timer ??= setTimeout(flush, GATHER_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [topic]);
}

/**
 * Fold a topic into the cached answer of a query, by a pure function.
 *
 * A notice that messages were dropped asks for the whole answer again: a hole is never shown as the truth.
 */
export function useLiveFold<T>(topic: string | null, key: QueryKey, fold: (old: T, message: LiveMessage) => T): void {
  const client = useQueryClient();
  useTopic(topic, (messages) => {
    if (messages.some((message) => message.kind === "dropped")) {
      void client.invalidateQueries({ queryKey: key });
      return;
    }
    client.setQueryData<T>(key, (old) => (old === undefined ? old : messages.reduce(fold, old)));
  });
}
