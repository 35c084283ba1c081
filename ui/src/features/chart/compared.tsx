/** What the other exchange says at the candle that is pointed at: one crosshair for both. */
import type { Candle } from "@/api/shapes";
import { apartPercent } from "@/features/chart/model";
import { percent, price, reading } from "@/lib/format";

interface ComparedProps {
  title: string;
  /** Its symbol of the same asset, or null where it has none. */
  symbol: string | null;
  here: Candle | null;
  there: Candle | null;
  isPending: boolean;
  error: unknown;
}

export function Compared({ title, symbol, here, there, isPending, error }: ComparedProps) {
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-muted">
      <span className="flex items-center gap-2 text-simulated">
        <span aria-hidden="true" className="h-0.5 w-4 bg-simulated" />
        {symbol === null ? title : `${symbol} on ${title}`}
      </span>
      {words()}
    </p>
  );

  function words() {
    if (error !== null) return <span className="text-bad">cannot be had now</span>;
    if (isPending) return <span className="text-faint">…</span>;
    if (symbol === null) return <span>does not have it</span>;
    if (there === null) return <span>has no candle here</span>;
    return (
      <>
        <span className="text-text">{price(there.close)}</span>
        <span>{percent(apartPercent(here?.close ?? null, there.close))}</span>
        <span>
          <span className="text-faint">MACD-V</span> <span className="text-text">{reading(there.reading?.value)}</span>
        </span>
      </>
    );
  }
}
