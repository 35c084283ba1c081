/** What the address of the control panel says: whose commands are shown, which of them, and which one is open. */

export interface ControlSearch {
  readonly exchange?: string;
  readonly show?: "failed";
  readonly open?: string;
}

export function controlSearch(said: Record<string, unknown>): ControlSearch {
  return {
    ...(typeof said.exchange === "string" && said.exchange !== "" && { exchange: said.exchange }),
    ...(said.show === "failed" && { show: "failed" as const }),
    ...(typeof said.open === "string" && said.open !== "" && { open: said.open }),
  };
}
