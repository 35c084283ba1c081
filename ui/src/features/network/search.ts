/** What the address of the network page says: whose activity is shown. */

export interface NetworkSearch {
  readonly exchange?: string;
  readonly event?: "error";
}

export function networkSearch(said: Record<string, unknown>): NetworkSearch {
  return {
    ...(typeof said.exchange === "string" && said.exchange !== "" && { exchange: said.exchange }),
    ...(said.event === "error" && { event: "error" as const }),
  };
}
