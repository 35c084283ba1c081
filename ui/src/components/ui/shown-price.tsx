/** A price, and whether it is that of the moment or only that of the newest close. */
import { price } from "@/lib/format";
import type { ShownPrice } from "@/lib/resources/market";

export function PriceOf({ shown }: { shown: ShownPrice | null }) {
  if (shown === null || !shown.isClose) return price(shown?.price);
  return (
    <span className="text-muted" title="No trade of late: this is where its newest candle closed">
      {price(shown.price)}
      <span className="text-faint"> c</span>
      <span className="sr-only">at the close of its newest candle</span>
    </span>
  );
}
