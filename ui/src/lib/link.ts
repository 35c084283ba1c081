/** The page's one socket as React sees it, and live messages folded into the query cache in batches. */
import { useIsFetching, useQueryClient, type QueryKey } from "@tanstack/react-query";
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
  if (live !== null) return live;
  live = openLive({
    open: () => new WebSocket(socketUrl()) as Socket,
    token: (isStale) => session.token(isStale).catch(() => ""),
    now: Date.now,
    chance: Math.random, // eslint-disable-line no-restricted-properties -- the one place where chance comes in
    after: (ms, act) => {
      const timer = setTimeout(act, ms);
      return () => clearTimeout(timer);
    },
  });
  watchRefusals(live);
  return live;
}

/** A topic or a link that is refused may mean that a role was taken away. */
function watchRefusals(watched: Live): void {
  let before = watched.state();
  watched.watch(() => {
    const now = watched.state();
    const isRefused =
      (now.phase === "refused" && before.phase !== "refused") || now.troubles.length > before.troubles.length;
    before = now;
    if (isRefused) void session.doubt();
  });
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

/** So many messages wait for an answer that is under way; where more come, the answer is asked for again. */
const MOST_WAITING = 5000;

type FoldAll<T> = (old: T, messages: readonly LiveMessage[]) => T;

/**
 * Fold what a topic brings into the cached answer of a query, by a pure function that may meet a message twice.
 *
 * An answer that is under way may have been read before a message and come after it: what is heard meanwhile is folded
 * into it as well. A notice that messages were dropped asks for the whole answer again (or does what `onDropped` says):
 * a hole is never shown as the truth.
 */
export function useFold<T>(topic: string | null, key: QueryKey, fold: FoldAll<T>, onDropped?: () => void): void {
  const client = useQueryClient();
  const filter = { queryKey: key, exact: true };
  const isFetching = useIsFetching(filter) > 0;
  const waiting = useRef<LiveMessage[]>([]);
  const apply = (messages: readonly LiveMessage[]): void => {
    client.setQueryData<T>(key, (old) => (old === undefined ? old : fold(old, messages)));
  };
  const latest = useRef(apply);
  useEffect(() => {
    latest.current = apply;
  });
  useEffect(() => {
    if (isFetching || waiting.current.length === 0) return;
    const late = waiting.current;
    waiting.current = [];
    latest.current(late);
  }, [isFetching]);
  useTopic(topic, (messages) => {
    if (messages.some((message) => message.kind === "dropped") || waiting.current.length > MOST_WAITING) {
      waiting.current = [];
      if (onDropped === undefined) void client.invalidateQueries(filter);
      else onDropped();
      return;
    }
    if (client.isFetching(filter) > 0) waiting.current.push(...messages);
    apply(messages);
  });
}

/** The same, message by message. */
export function useLiveFold<T>(topic: string | null, key: QueryKey, fold: (old: T, message: LiveMessage) => T): void {
  useFold<T>(topic, key, (old, messages) => messages.reduce(fold, old));
}
