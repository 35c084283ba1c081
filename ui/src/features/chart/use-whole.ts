/** What a chart does about candles that it lacks: the socket tells of the newest ones only, so the others are asked for. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { lackIn, type Forming } from "@/features/chart/model";
import type { Candle } from "@/api/shapes";
import { candlesQuery, newestCandles, withPage, type CandlePages } from "@/lib/resources/market";
import type { Timeframe } from "@/lib/time";

/** How long after something is found lacking, and after each answer, the newest candles are asked for, ms: a true gap stays. */
const WAITS_MS = [3_000, 5_000, 15_000, 60_000] as const;
/** How often they are asked for when nothing is known to lack, but the instance has come back. */
const TRIES_AFTER_RETURN = 3;

interface Series {
  readonly exchange: string;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly candles: readonly Candle[];
  readonly forming: Forming | null;
  /** Which life of the instance this is, and whether it is live; null while that is not known. */
  readonly life: string | null;
}

/** Have an instance's outage, or a feed's, mended on the screen as it is mended behind it, however far back one looks. */
export function useWhole({ exchange, symbol, timeframe, candles, forming, life }: Series): void {
  const client = useQueryClient();
  const lack = lackIn(candles, forming, timeframe);
  const first = useRef<string | null>(null);
  useEffect(() => {
    first.current ??= life;
    const tries = lack !== null ? Infinity : first.current === life ? 0 : TRIES_AFTER_RETURN;
    if (exchange === "" || tries === 0) return;
    const { queryKey } = candlesQuery(exchange, symbol, timeframe);
    const left = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const askLater = (attempt: number): void => {
      if (left.signal.aborted || attempt >= tries) return;
      timer = setTimeout(
        () => void ask().finally(() => askLater(attempt + 1)),
        WAITS_MS[Math.min(attempt, WAITS_MS.length - 1)],
      );
    };
    // What cannot be had now is asked for again: the page says by itself that the server is away.
    const ask = (): Promise<void> =>
      newestCandles(exchange, symbol, timeframe, left.signal).then(
        (page) => {
          client.setQueryData<CandlePages>(queryKey, (old) => (old === undefined ? old : withPage(old, page)));
        },
        () => undefined,
      );
    askLater(0);
    return () => {
      left.abort();
      clearTimeout(timer);
    };
  }, [client, exchange, symbol, timeframe, lack, life]);
}
