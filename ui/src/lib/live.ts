/**
 * The one socket of the page: topics are followed, lost links come back by themselves, and what was missed is resumed.
 *
 * On the wire the client says `{"token", "subscribe": [...], "cursors": {topic: cursor}}` and later
 * `{"subscribe"|"unsubscribe": [...]}`; the server says `{"topic", "kind", "cursor", "data"}` with kind snapshot, change,
 * dropped, heartbeat or error.
 * Time, chance and the socket are given, so that tests need neither a network nor patience.
 */

export interface LiveMessage {
  readonly topic: string;
  readonly kind: "snapshot" | "change" | "dropped";
  readonly data: unknown;
}

/** What the server says it cannot do at the moment: for a topic, or for all of them. */
export interface Trouble {
  readonly topic: string | null;
  readonly detail: string;
}

export type Phase = "connecting" | "open" | "lost" | "refused" | "closed";

export interface LiveState {
  readonly phase: Phase;
  /** When the link was lost, or null while it holds. */
  readonly lostAt: number | null;
  /** When the server was last heard, heartbeats included. */
  readonly heardAt: number | null;
  /** When the next try begins, or null while there is none. */
  readonly retryAt: number | null;
  /** What is not followed although the link holds; empty when all is well. */
  readonly troubles: readonly Trouble[];
}

export interface Socket {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
}

export interface World {
  readonly open: () => Socket;
  readonly token: (isStale: boolean) => Promise<string | null>;
  readonly now: () => number;
  readonly chance: () => number;
  readonly after: (ms: number, act: () => void) => () => void;
}

export interface Live {
  /** Hear a topic until the returned function is called. */
  follow(topic: string, listener: (message: LiveMessage) => void): () => void;
  state(): LiveState;
  watch(listener: () => void): () => void;
  /** Try again at once: the network is back, or the page is looked at again. */
  hurry(): void;
  close(): void;
}

export const SILENCE_MS = 20_000;
/** How often it is seen whether there is a newer token: Clerk's hold for a minute, and the server ends what is old. */
export const RENEWAL_MS = 20_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** The server's close code for a token that it does not accept (any more). */
export const UNAUTHENTICATED = 4401;
/** The server's close code for a role that may not listen. */
export const FORBIDDEN = 4403;

/** How long to wait before try number `attempt` (from 0): doubling, at most 30 s, with half of it left to chance. */
export function waitBefore(attempt: number, chance: number): number {
  const whole = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
  return whole / 2 + (whole / 2) * chance;
}

interface Heard {
  topic?: unknown;
  kind?: unknown;
  cursor?: unknown;
  data?: unknown;
}

/** The object that a frame spells, or null: what cannot be read is passed over, never guessed at. */
export function decoded(frame: unknown): Heard | null {
  if (typeof frame !== "string") return null;
  try {
    const value: unknown = JSON.parse(frame);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** What an error frame complains of, or null where it cannot be read. */
export function troubleIn(data: unknown): Trouble | null {
  if (typeof data !== "object" || data === null) return null;
  const { topic, detail } = data as { topic?: unknown; detail?: unknown };
  return { topic: typeof topic === "string" ? topic : null, detail: typeof detail === "string" ? detail : "" };
}

/** Open the link and keep it open until it is closed. */
export function openLive(world: World): Live {
  const listeners = new Map<string, Set<(message: LiveMessage) => void>>();
  const cursors = new Map<string, string>();
  const watchers = new Set<() => void>();
  let state: LiveState = { phase: "connecting", lostAt: null, heardAt: null, retryAt: null, troubles: [] };
  let socket: Socket | null = null;
  let attempt = 0;
  let isTokenStale = false;
  let isGreeted = false;
  let cancelRetry = (): void => undefined;
  let cancelSilence = (): void => undefined;
  let cancelRenewal = (): void => undefined;

  function become(change: Partial<LiveState>): void {
    state = { ...state, ...change };
    watchers.forEach((watcher) => watcher());
  }

  function say(message: object): void {
    if (isGreeted) socket?.send(JSON.stringify(message));
  }

  async function connect(): Promise<void> {
    cancelRetry();
    become({ phase: "connecting", retryAt: null });
    const token = await world.token(isTokenStale);
    // While the token was on its way the link may have been closed or begun by another call.
    if (isClosed() || socket !== null) return;
    if (token === null) {
      become({ phase: "refused", lostAt: state.lostAt ?? world.now() });
      return;
    }
    const mine = world.open();
    socket = mine;
    // A server that accepts the connection and then says nothing is as gone as one that does not.
    listenForSilence(mine);
    mine.onopen = () => {
      const topics = [...listeners.keys()];
      mine.send(JSON.stringify({ token, subscribe: topics, cursors: Object.fromEntries(cursors) }));
      isGreeted = true;
      renewLater(mine, token);
    };
    mine.onmessage = (event) => hear(mine, event.data);
    mine.onclose = (event) => lose(mine, event.code);
  }

  function isClosed(): boolean {
    return state.phase === "closed";
  }

  function listenForSilence(mine: Socket): void {
    cancelSilence();
    cancelSilence = world.after(SILENCE_MS, () => lose(mine, 0));
  }

  function renewLater(mine: Socket, told: string): void {
    cancelRenewal = world.after(RENEWAL_MS, () => void renew(mine, told));
  }

  /** Tell the server the token of now, if it is another one, before the one that it knows is too old. */
  async function renew(mine: Socket, told: string): Promise<void> {
    const token = await world.token(false);
    if (mine !== socket) return;
    const isNewer = token !== null && token !== "" && token !== told;
    if (isNewer) say({ token });
    renewLater(mine, isNewer ? token : told);
  }

  function hear(mine: Socket, frame: unknown): void {
    if (mine !== socket) return;
    attempt = 0; // the link has proved useful
    isTokenStale = false;
    listenForSilence(mine);
    // Only now does the link hold: a server that accepts and drops would look live from moment to moment.
    become({ phase: "open", lostAt: null, heardAt: world.now() });
    const heard = decoded(frame);
    if (heard?.kind === "error") complain(troubleIn(heard.data));
    if (heard === null || typeof heard.topic !== "string") return;
    if (heard.kind !== "snapshot" && heard.kind !== "change" && heard.kind !== "dropped") return;
    if (typeof heard.cursor === "string") cursors.set(heard.topic, heard.cursor);
    settle(heard.topic, heard.kind !== "dropped");
    const message = { topic: heard.topic, kind: heard.kind, data: heard.data } satisfies LiveMessage;
    listeners.get(heard.topic)?.forEach((listener) => listener(message));
  }

  function complain(trouble: Trouble | null): void {
    if (trouble === null) return;
    const { topic } = trouble;
    become({ troubles: [...state.troubles.filter((one) => one.topic !== topic), trouble] });
    // A cursor that the server does not take is let go, and the topic asked for from its beginning: once, for there
    // is no cursor to let go the next time.
    if (topic === null || !cursors.delete(topic) || !listeners.has(topic)) return;
    say({ subscribe: [topic] });
  }

  /** What a topic brings ends what was said against it, and shows that the store is back. */
  function settle(topic: string, isStoreBack: boolean): void {
    const left = state.troubles.filter((one) => one.topic !== topic && !(isStoreBack && one.topic === null));
    if (left.length < state.troubles.length) become({ troubles: left });
  }

  function lose(mine: Socket, code: number): void {
    if (mine !== socket) return;
    socket = null;
    isGreeted = false;
    mine.onclose = null;
    mine.close();
    cancelSilence();
    cancelRenewal();
    const lostAt = state.lostAt ?? world.now();
    if (code === FORBIDDEN) {
      become({ phase: "refused", lostAt, troubles: [] });
      return;
    }
    isTokenStale = code === UNAUTHENTICATED;
    const wait = waitBefore(attempt, world.chance());
    attempt += 1;
    become({ phase: "lost", lostAt, retryAt: world.now() + wait, troubles: [] });
    cancelRetry = world.after(wait, () => void connect());
  }

  void connect();
  return {
    follow: (topic, listener) => {
      const others = listeners.get(topic);
      if (others === undefined) {
        listeners.set(topic, new Set([listener]));
        say({ subscribe: [topic] });
      } else others.add(listener);
      return () => {
        const left = listeners.get(topic);
        if (left?.delete(listener) !== true || left.size > 0) return;
        listeners.delete(topic);
        cursors.delete(topic);
        settle(topic, false);
        say({ unsubscribe: [topic] });
      };
    },
    state: () => state,
    watch: (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    hurry: () => {
      if (socket === null && (state.phase === "lost" || state.phase === "refused")) void connect();
    },
    close: () => {
      cancelRetry();
      cancelSilence();
      cancelRenewal();
      const last = socket;
      socket = null;
      become({ phase: "closed", retryAt: null });
      last?.close();
    },
  };
}
