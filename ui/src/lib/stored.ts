/** A small choice of this browser (theme, time zone, what is muted) that outlives the page and that React can follow. */
import { useSyncExternalStore } from "react";

export interface Stored<T> {
  readonly get: () => T;
  readonly set: (value: T) => void;
  readonly subscribe: (listener: () => void) => () => void;
}

/** A choice kept under `key`; what is not one of its values counts as the first. */
export function stored<T extends string>(key: string, values: readonly [T, ...T[]]): Stored<T> {
  const listeners = new Set<() => void>();
  let value = recalled(key, values);
  return {
    get: () => value,
    set: (next) => {
      value = next;
      remember(key, next);
      listeners.forEach((listener) => listener());
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function recalled<T extends string>(key: string, values: readonly [T, ...T[]]): T {
  try {
    const found = localStorage.getItem(`livermore.${key}`);
    return values.find((value) => value === found) ?? values[0];
  } catch {
    return values[0]; // storage is forbidden or there is none
  }
}

function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`livermore.${key}`, value);
  } catch {
    // The choice then lasts as long as the page.
  }
}

/** The current value, and the component is drawn anew when it changes. */
export function useStored<T>(choice: Stored<T>): T {
  return useSyncExternalStore(choice.subscribe, choice.get);
}
