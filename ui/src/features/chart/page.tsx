/** The chart of one symbol: timeframe, comparison, alerts on the candles, older ones as one scrolls. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";

import type { Alert } from "@/api/shapes";
import { ChartCanvas } from "@/features/chart/canvas";
import { Legend } from "@/features/chart/legend";
import { Compared } from "@/features/chart/compared";
import { asCandle, candleAt, counterpart, gapsIn, markersOf } from "@/features/chart/model";
import { DEFAULT_TIMEFRAME, type ChartSearch } from "@/features/chart/search";
import { useCandles, useForming } from "@/features/chart/use-candles";
import { useWhole } from "@/features/chart/use-whole";
import { StateBadge } from "@/components/state-badge";
import { Badge } from "@/components/ui/badge";
import { EmptyFace, ErrorFace, Skeleton } from "@/components/ui/faces";
import { Select } from "@/components/ui/input";
import { Segments } from "@/components/ui/tabs";
import { conditionOf } from "@/lib/condition";
import { useExchangeTitle } from "@/lib/exchange-names";
import { count, price } from "@/lib/format";
import { useKeys } from "@/lib/keys";
import { matrixQuery } from "@/lib/resources/market";
import { isFresh, networkQuery } from "@/lib/resources/network";
import { TIMEFRAMES } from "@/lib/time";

interface ChartProps {
  exchange: string;
  symbol: string;
  search: ChartSearch;
  alerts: readonly Alert[];
  onSearch: (search: ChartSearch) => void;
  onAlert: (id: string) => void;
  /** How far back candles are drawn: whoever hands the alerts sees that none of that time is lacking. */
  onReach: (openTime: number) => void;
}

export function Chart({ exchange, symbol, search, alerts, onSearch, onAlert, onReach }: ChartProps) {
  const timeframe = search.tf ?? DEFAULT_TIMEFRAME;
  const network = useQuery(networkQuery);
  const exchangeTitle = useExchangeTitle();
  const { query, candles } = useCandles(exchange, symbol, timeframe);
  const there = useQuery(matrixQuery(search.with ?? ""));
  const otherSymbol = counterpart(symbol, there.data?.items.map((row) => row.symbol) ?? []);
  const compared = useCandles(otherSymbol === null ? "" : (search.with ?? ""), otherSymbol ?? "", timeframe);
  const forming = useForming(exchange, symbol, timeframe, candles.at(-1));
  const [pointed, setPointed] = useState<number | null>(null);
  const other = search.with === undefined ? NONE : compared.candles;
  const picture = useMemo(
    () => ({ candles, other, markers: markersOf(alerts, candles, timeframe), timeframe }),
    [candles, other, alerts, timeframe],
  );
  const instance = network.data?.items.find((one) => one.exchangeName === exchange);
  const life = instance === undefined ? null : `${instance.status?.epoch ?? "no"} ${isFresh(instance)}`;
  useWhole({ exchange, symbol, timeframe, candles, forming, life });
  const gaps = useMemo(() => gapsIn(candles, timeframe), [candles, timeframe]);
  const oldest = candles[0]?.openTime;
  useEffect(() => {
    if (oldest !== undefined) onReach(oldest);
  });
  const isForming = forming !== null && pointed === forming.openTime;
  const closed = (pointed === null ? null : candleAt(candles, pointed)) ?? candles.at(-1) ?? null;
  const shown = isForming ? asCandle(forming, timeframe) : closed;
  const switchTo = (tf: (typeof TIMEFRAMES)[number]): void =>
    onSearch({ tf, ...(search.with !== undefined && { with: search.with }) });
  useKeys(Object.fromEntries(TIMEFRAMES.map((tf, at) => [String(at + 1), () => switchTo(tf)])));

  return (
    <section
      aria-label={`Chart of ${symbol} on ${exchange}`}
      className="flex min-h-0 min-w-0 flex-1 flex-col bg-surface"
    >
      <header className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4 py-2">
        <h1 className="text-base font-semibold">{symbol}</h1>
        <span className="num live text-base">{price(forming?.close ?? candles.at(-1)?.close)}</span>
        <span className="text-xs text-muted">{exchangeTitle(exchange)}</span>
        {instance !== undefined && !isFresh(instance) && <StateBadge condition={conditionOf(instance)} />}
        {gaps.length > 0 && (
          <Badge tone="warn" title="Hatched places: candles that are not known. No reading is made across them.">
            {count(gaps.reduce((sum, gap) => sum + gap.count, 0))} candles missing
          </Badge>
        )}
        <div className="ml-auto flex flex-wrap items-center gap-2">
          <Segments
            label="Timeframe"
            value={timeframe}
            options={TIMEFRAMES.map((tf, at) => ({ value: tf, label: tf, hint: `Key ${at + 1}` }))}
            onChange={switchTo}
          />
          <Select
            label="Compare with"
            value={search.with ?? ""}
            options={[
              { value: "", label: "Compare with…" },
              ...(network.data?.items ?? [])
                .filter((one) => one.exchangeName !== exchange)
                .map((one) => ({ value: one.exchangeName, label: one.displayName })),
            ]}
            onChange={(value) => onSearch({ tf: timeframe, ...(value !== "" && { with: value }) })}
            className="w-40"
          />
        </div>
      </header>
      <Legend candle={shown} isForming={isForming} isOldest={shown?.openTime === oldest && !query.hasNextPage}>
        {search.with !== undefined && (
          <Compared
            title={exchangeTitle(search.with)}
            symbol={otherSymbol}
            here={shown}
            there={shown === null ? null : candleAt(compared.candles, shown.openTime)}
            isPending={there.isPending || (otherSymbol !== null && compared.query.isPending)}
            error={there.error ?? compared.query.error}
          />
        )}
      </Legend>
      <div data-stale={instance !== undefined && !isFresh(instance)} className="relative min-h-80 flex-1">
        {query.isError && query.data === undefined && (
          <ErrorFace error={query.error} onRetry={() => void query.refetch()} />
        )}
        {query.isPending && (
          <div role="status" aria-label="Loading" className="p-4">
            <Skeleton className="h-64 w-full" />
          </div>
        )}
        {query.data !== undefined && candles.length === 0 && (
          <EmptyFace title={`No candles of ${symbol} on ${timeframe}`}>
            They appear when the series has been warmed.
          </EmptyFace>
        )}
        {candles.length > 0 && (
          <div className="live absolute inset-0">
            <ChartCanvas
              key={`${exchange} ${symbol} ${timeframe}`}
              picture={picture}
              forming={forming}
              goTo={search.at ?? null}
              label={`Candles of ${symbol} on ${timeframe} with MACD-V`}
              onPoint={setPointed}
              onMarker={onAlert}
              onEdge={() => {
                if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
              }}
            />
          </div>
        )}
      </div>
    </section>
  );
}

const NONE: readonly never[] = [];
