/** An address says only what its page understands. */

/** A reader of what an address says, that leaves nothing of the rest: the router would hand that on to the page. */
export function known<T extends object>(
  read: (said: Record<string, unknown>) => T,
): (said: Record<string, unknown>) => T {
  return (said) => ({ ...Object.fromEntries(Object.keys(said).map((name) => [name, undefined])), ...read(said) });
}
