/** What the address of the exchanges page says: whose set-up is open. */

export interface ExchangesSearch {
  readonly setup?: string;
}

export function exchangesSearch(said: Record<string, unknown>): ExchangesSearch {
  return typeof said.setup === "string" && said.setup !== "" ? { setup: said.setup } : {};
}
