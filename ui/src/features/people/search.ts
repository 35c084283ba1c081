/** What the address of the page says: which of its two lists is shown, and what is looked for. */

export interface PeopleSearch {
  readonly tab?: "keys";
  readonly q?: string;
}

export function peopleSearch(said: Record<string, unknown>): PeopleSearch {
  return {
    ...(said.tab === "keys" && { tab: "keys" as const }),
    ...(typeof said.q === "string" && said.q !== "" && { q: said.q }),
  };
}
