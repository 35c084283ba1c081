/** Whether the window is of a kind, followed as it changes. */
import { useSyncExternalStore } from "react";

/** `query` as CSS writes it: (min-width: 64rem). */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = matchMedia(query);
      list.addEventListener("change", changed);
      return () => list.removeEventListener("change", changed);
    },
    () => matchMedia(query).matches,
  );
}
