/** Whether what is shown may be out of date because the link to the server is gone. */
import { useLiveState } from "@/lib/link";
import type { LiveState } from "@/lib/live";
import { useNow } from "@/lib/time";

/** A link that comes back within this time is not worth a word. */
export const PATIENCE_MS = 2500;

/** Whether the link has been gone for longer than one is patient at this instant, or has nothing to tell behind it. */
export function isLost(state: LiveState, now: number): boolean {
  return isStoreAway(state) || isLinkLost(state, now);
}

/** Whether the server holds the link but cannot read what it would tell. */
export function isStoreAway(state: LiveState): boolean {
  return state.troubles.some((one) => one.topic === null);
}

export function isLinkLost(state: LiveState, now: number): boolean {
  return state.phase === "refused" || (state.lostAt !== null && now - state.lostAt >= PATIENCE_MS);
}

export function useIsLost(): boolean {
  const state = useLiveState();
  const now = useNow();
  return isLost(state, now);
}
