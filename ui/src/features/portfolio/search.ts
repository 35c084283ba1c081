/** What the address of the portfolio says: whose holdings, and by what the fees are told apart. */

export const VIEWS = ["symbols", "sides", "months", "lines"] as const;
export type View = (typeof VIEWS)[number];

export interface PortfolioSearch {
  readonly exchange?: string;
  readonly fees?: View;
  readonly dust?: boolean;
}

export function portfolioSearch(said: Record<string, unknown>): PortfolioSearch {
  const fees = VIEWS.find((one) => one === said.fees);
  return {
    ...(typeof said.exchange === "string" && said.exchange !== "" && { exchange: said.exchange }),
    ...(fees !== undefined && fees !== "symbols" && { fees }),
    ...(said.dust === true && { dust: true }),
  };
}
