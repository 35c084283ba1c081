/**
 * Who is signed in: a short-lived access token in memory only, renewed through the server's HttpOnly cookie.
 *
 * The sign-in link that the server prints carries a one-time token in its fragment (which no server or log sees); it is
 * exchanged once and taken off the address. Another source of tokens (Clerk) takes the place of the cookie by `begin`.
 */
import { useSyncExternalStore } from "react";

import type { Grant, Person, Role } from "@/api/shapes";
import { Problem } from "@/lib/problem";

export type SessionState =
  | { readonly phase: "unknown" }
  | { readonly phase: "signed-in"; readonly person: Person }
  | { readonly phase: "signed-out"; readonly reason: "none" | "expired" | "link-used" }
  | { readonly phase: "unreachable"; readonly problem: Problem };

/** Where tokens come from: our own server's link and cookie, or Clerk. */
export interface TokenSource {
  /** A fresh grant, or null when nobody is signed in; throws a Problem when that cannot be told. */
  renew(isRefused: boolean): Promise<Grant | null>;
  signOut(): Promise<void>;
}

/** How people come in here: by a link of this server, by Clerk, or with tokens that these screens cannot get. */
export type Door =
  | { readonly kind: "link" }
  | { readonly kind: "clerk"; readonly publishableKey: string }
  | { readonly kind: "elsewhere"; readonly issuers: readonly string[] };

const MARGIN_MS = 30_000;

/** How seldom it is asked anew who somebody is, however often the server refuses, ms. */
const DOUBT_MS = 5000;

export class Session {
  #askWho: (() => Promise<Person>) | null = null;
  #doubtedAt = -Infinity;
  #source: TokenSource | null = null;
  #grant: Grant | null = null;
  #renewing: Promise<Grant | null> | null = null;
  #state: SessionState = { phase: "unknown" };
  /** Known before anybody is told to be signed out. */
  door: Door = { kind: "link" };
  readonly #watchers = new Set<() => void>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  state = (): SessionState => this.#state;

  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  become(state: SessionState): void {
    this.#state = state;
    this.#watchers.forEach((watcher) => watcher());
  }

  /** `askWho` tells who is signed in, as the server sees it. */
  begin(source: TokenSource, grant: Grant | null, askWho: (() => Promise<Person>) | null = null): void {
    this.#source = source;
    this.#grant = grant;
    this.#askWho = askWho;
  }

  /** The server refused what this person's role should allow: the role may have been taken away meanwhile. */
  async doubt(): Promise<void> {
    if (this.#askWho === null || this.#now() - this.#doubtedAt < DOUBT_MS) return;
    this.#doubtedAt = this.#now();
    try {
      const person = await this.#askWho();
      const known = this.#state;
      if (known.phase === "signed-in" && JSON.stringify(known.person) !== JSON.stringify(person))
        this.become({ phase: "signed-in", person });
    } catch (error) {
      // Whoever cannot be asked about stays who he was: what he does is refused by the server all the same.
      if (!(error instanceof Problem)) throw error;
    }
  }

  /** A token that still holds, renewed when it does not or is refused; one renewal at a time, however many ask. */
  async token(isRefused = false): Promise<string | null> {
    const grant = this.#grant;
    if (!isRefused && grant !== null && grant.expiresAt - MARGIN_MS > this.#now()) return grant.accessToken;
    this.#renewing ??= this.#renew(isRefused).finally(() => (this.#renewing = null));
    return (await this.#renewing)?.accessToken ?? null;
  }

  async #renew(isRefused: boolean): Promise<Grant | null> {
    const renewed = (await this.#source?.renew(isRefused)) ?? null;
    this.#grant = renewed;
    if (renewed === null && this.#state.phase === "signed-in") this.become({ phase: "signed-out", reason: "expired" });
    return renewed;
  }

  async signOut(): Promise<void> {
    this.#grant = null;
    await this.#source?.signOut();
    this.become({ phase: "signed-out", reason: "none" });
  }
}

export const session = new Session(Date.now);

export function useSession(): SessionState {
  return useSyncExternalStore(session.watch, session.state);
}

/** The role of the person, or null when nobody is known to be signed in. */
export function useRole(): Role | null {
  const state = useSession();
  return state.phase === "signed-in" ? state.person.role : null;
}

/** Whether the person may do what only administrators may. */
export function useIsAdmin(): boolean {
  return useRole() === "admin";
}
