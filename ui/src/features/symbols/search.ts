/** What the address of the symbols page says: which list, which part of it, in which order, and what is being done. */

export type Sort = "symbol" | "rank" | "price" | "change" | "candles" | "empty" | "fresh";
const SORTS: readonly Sort[] = ["symbol", "rank", "price", "change", "candles", "empty", "fresh"];

export interface SymbolsSearch {
  readonly exchange?: string;
  readonly q?: string;
  readonly tier?: 1 | 2;
  readonly sort?: Sort;
  readonly desc?: boolean;
  readonly panel?: "add" | "import";
}

export function symbolsSearch(said: Record<string, unknown>): SymbolsSearch {
  const sort = SORTS.find((one) => one === said.sort);
  return {
    ...(typeof said.exchange === "string" && said.exchange !== "" && { exchange: said.exchange }),
    ...(typeof said.q === "string" && said.q !== "" && { q: said.q }),
    ...((said.tier === 1 || said.tier === 2) && { tier: said.tier }),
    ...(sort !== undefined && { sort }),
    ...(said.desc === true && { desc: true }),
    ...((said.panel === "add" || said.panel === "import") && { panel: said.panel }),
  };
}
