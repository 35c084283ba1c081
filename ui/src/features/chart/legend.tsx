/** The numbers of the candle that is pointed at, or of the newest one. */
import type { ReactNode } from "react";

import type { Candle } from "@/api/shapes";
import { Badge } from "@/components/ui/badge";
import { StageName } from "@/components/ui/stage-glyph";
import { FullTime } from "@/components/ui/time";
import { compact, decimal, priceDecimals, reading } from "@/lib/format";

interface LegendProps {
  candle: Candle | null;
  /** Whether the candle is not over: it has no volume that is known, and no reading yet. */
  isForming: boolean;
  /** Whether none from before this one is kept. */
  isOldest: boolean;
  children?: ReactNode;
}

export function Legend({ candle, isForming, isOldest, children }: LegendProps) {
  if (candle === null) return null;
  const decimals = priceDecimals(candle.close);
  const prices = [
    ["O", candle.open],
    ["H", candle.high],
    ["L", candle.low],
    ["C", candle.close],
  ] as const;
  return (
    <div className="num live flex min-h-9 shrink-0 flex-wrap items-center gap-x-5 gap-y-0.5 border-b border-line px-4 py-1.5 text-xs">
      <p className="flex flex-wrap gap-x-3 text-muted">
        <FullTime at={candle.openTime} />
        {prices.map(([name, value]) => (
          <span key={name}>
            <span className="text-faint">{name}</span> <span className="text-text">{decimal(value, decimals)}</span>
          </span>
        ))}
        <span>
          <span className="text-faint">Vol</span> {isForming ? "not yet" : compact(candle.volume)}
        </span>
      </p>
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-muted">
        {isForming ? (
          <span title="It is computed when the candle has closed">
            <span className="text-faint">MACD-V</span> not yet
          </span>
        ) : candle.reading == null ? (
          <span className="text-faint" title="Readings are kept from where the series was taken up">
            no reading kept here
          </span>
        ) : (
          <>
            <StageName stage={candle.reading.stage} />
            <span>
              <span className="text-faint">MACD-V</span>{" "}
              <span className="text-text">{reading(candle.reading.value)}</span>
            </span>
            <span>
              <span className="text-faint">signal line</span> {reading(candle.reading.signal)}
            </span>
            <span>
              <span className="text-faint">histogram</span> {reading(candle.reading.histogram)}
            </span>
          </>
        )}
        {candle.isEmpty && <Badge>no trades</Badge>}
        {isOldest && <Badge>no older candles kept</Badge>}
        {isForming && <Badge tone="busy">forming</Badge>}
        {!isForming && !candle.isConfirmed && <Badge tone="busy">not yet confirmed</Badge>}
        {candle.revision > 0 && <Badge tone="warn">corrected {candle.revision}×</Badge>}
      </p>
      {children}
    </div>
  );
}
