/** A small choice of this browser (theme, time zone, what is muted) that outlives the page and that React can follow. */
import { useSyncExternalStore } from "react";

export interface Stored<T> {
  readonly get: () => T;
  readonly set: (value: T) => void;
  readonly subscribe: (listener: () => void) => () => void;
}

/** A choice kept under `key`; what is not one of its values counts as the first. */
export function stored<T extends string>(key: string, values: readonly [T, ...T[]]): Stored<T> {
  return kept(
    key,
    (text) => values.find((value) => value === text) ?? values[0],
    (value) => value,
  );
}

/** A value kept under `key` as text; `read` makes sense of any text, and of none. */
export function kept<T>(key: string, read: (text: string | null) => T, write: (value: T) => string): Stored<T> {
  const listeners = new Set<() => void>();
  const name = `livermore.${key}`;
  let value = read(recalled(name));
  const become = (next: T): void => {
    value = next;
    listeners.forEach((listener) => listener());
  };
  hearOthers(name, (text) => become(read(text)));
  return {
    get: () => value,
    set: (next) => {
      remember(name, write(next));
      become(next);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Another window of this browser changed the value: what it kept is not overwritten by what this one knew before. */
function hearOthers(name: string, hear: (text: string | null) => void): void {
  if (typeof window === "undefined") return;
  window.addEventListener("storage", (event) => {
    if (event.key === name) hear(event.newValue);
  });
}

function recalled(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null; // storage is forbidden or there is none
  }
}

function remember(name: string, text: string): void {
  try {
    localStorage.setItem(name, text);
  } catch {
    // The choice then lasts as long as the page.
  }
}

/** The current value, and the component is drawn anew when it changes. */
export function useStored<T>(choice: Stored<T>): T {
  return useSyncExternalStore(choice.subscribe, choice.get);
}
