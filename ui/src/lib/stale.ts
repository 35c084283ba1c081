/** Whether what is shown of the instances may no longer be so: the link is gone, or nothing of them has come for long. */
import { useQuery } from "@tanstack/react-query";

import { useIsLost } from "@/lib/lost";
import { networkQuery } from "@/lib/resources/network";
import { useNow } from "@/lib/time";

/** Heartbeats come each 5 s by the socket, and the network is asked for each 15 s: longer than this is silence, ms. */
export const SILENCE_MS = 25_000;

/** Whether an answer that was last renewed at `renewedAt` (0 for never) is too old at this instant. */
export function isSilent(renewedAt: number, now: number): boolean {
  return renewedAt > 0 && now - renewedAt > SILENCE_MS;
}

export function useIsStale(): boolean {
  const isLost = useIsLost();
  const { dataUpdatedAt } = useQuery({ ...networkQuery, notifyOnChangeProps: ["dataUpdatedAt"] });
  const now = useNow();
  return isLost || isSilent(dataUpdatedAt, now);
}
