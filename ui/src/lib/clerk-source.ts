/** Tokens from Clerk, which renews them by itself; nothing of Clerk's own code is needed to say so. */
import type { Grant } from "@/api/shapes";
import { Problem } from "@/lib/problem";
import type { TokenSource } from "@/lib/session";

/** What is used of a session of Clerk's. */
export interface ClerkSession {
  getToken(options: { skipCache: boolean }): Promise<string | null>;
}

/** What is used of Clerk, once it is loaded. */
export interface ClerkClient {
  readonly session?: ClerkSession | null | undefined;
  signOut(then: () => void): Promise<void>;
  addListener(hear: (now: { session?: ClerkSession | null | undefined }) => void): () => void;
}

/** Until when a token holds, ms; one that does not say so holds no longer. */
export function expiryOf(token: string): number {
  try {
    const body = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const claims = JSON.parse(atob(body)) as { exp?: unknown };
    return typeof claims.exp === "number" ? claims.exp * 1000 : 0;
  } catch {
    return 0;
  }
}

/**
 * Clerk as a source of tokens, which calls `onGone` when its session ends by itself, in another tab for instance.
 *
 * A token that our server refused is asked for anew; otherwise Clerk hands out the one that it keeps as long as it holds.
 * When somebody signs out, `leave` follows: nothing of what one person saw may be left for the next.
 */
export function clerkSource(clerk: ClerkClient, onGone: () => void, leave: () => void): TokenSource {
  let isLeaving = false;
  clerk.addListener(({ session }) => {
    if (session === null && !isLeaving) onGone();
  });
  return {
    renew: async (isRefused): Promise<Grant | null> => {
      const token = await asked(clerk.session?.getToken({ skipCache: isRefused }));
      return token === null ? null : { accessToken: token, expiresAt: expiryOf(token) };
    },
    signOut: async () => {
      isLeaving = true;
      try {
        await asked(clerk.signOut(() => undefined));
      } catch (error) {
        isLeaving = false;
        throw error;
      }
      leave();
    },
  };
}

/** What Clerk answers; its own errors are of many kinds, and all mean that it could not be asked. */
async function asked<T>(answer: Promise<T> | undefined): Promise<T | null> {
  try {
    return (await answer) ?? null;
  } catch (error) {
    throw new Problem(0, "Clerk does not answer", error instanceof Error ? error.message : String(error));
  }
}
