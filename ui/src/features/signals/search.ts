/** What the address of the signals page says; anything it says wrongly counts as not said. */
import { STAGES, type Stage } from "@/lib/colours";
import { isTimeframe, type Timeframe } from "@/lib/time";

export type Sort = "symbol" | "price" | "change" | Timeframe;

export interface SignalsSearch {
  readonly exchange?: string;
  readonly q?: string;
  readonly stage?: Stage;
  readonly tf?: Timeframe;
  readonly tier?: Tier;
  readonly sort?: Sort;
  readonly desc?: boolean;
  /** What stands beside the matrix, or in its place on a phone; the alerts unless it says so. */
  readonly side?: Side;
}

/** Watched for everybody, or for one person alone. */
export const TIERS = [1, 2] as const;
export type Tier = (typeof TIERS)[number];

export const SIDES = ["alerts", "cross"] as const;
export type Side = (typeof SIDES)[number];

export function signalsSearch(said: Record<string, unknown>): SignalsSearch {
  const stage = STAGES.find((one) => one === said.stage);
  const sort = sortIn(said.sort);
  const tier = TIERS.find((one) => one === said.tier);
  const side = SIDES.find((one) => one === said.side);
  return {
    ...(typeof said.exchange === "string" && { exchange: said.exchange }),
    ...(typeof said.q === "string" && said.q !== "" && { q: said.q }),
    ...(stage !== undefined && { stage }),
    ...(isTimeframe(said.tf) && { tf: said.tf }),
    ...(tier !== undefined && { tier }),
    ...(sort !== null && { sort }),
    ...(said.desc === true && { desc: true }),
    ...(side !== undefined && { side }),
  };
}

function sortIn(said: unknown): Sort | null {
  if (said === "symbol" || said === "price" || said === "change" || isTimeframe(said)) return said;
  return null;
}
