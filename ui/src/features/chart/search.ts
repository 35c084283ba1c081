/** What the address of a chart says: the timeframe, an instant to show, another exchange to compare with. */
import { isTimeframe, type Timeframe } from "@/lib/time";

/** What is shown where the address names no timeframe. */
export const DEFAULT_TIMEFRAME: Timeframe = "1h";

export interface ChartSearch {
  readonly tf?: Timeframe;
  /** The opening of a candle to go to, ms UTC. */
  readonly at?: number;
  readonly with?: string;
}

export function chartSearch(said: Record<string, unknown>): ChartSearch {
  return {
    ...(isTimeframe(said.tf) && { tf: said.tf }),
    ...(typeof said.at === "number" && Number.isSafeInteger(said.at) && { at: said.at }),
    ...(typeof said.with === "string" && said.with !== "" && { with: said.with }),
  };
}
