/** The chart at its address, with the alerts of its symbol. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";

import { EmptyFace } from "@/components/ui/faces";
import { AlertList } from "@/features/alerts/alert-list";
import { useAlerts } from "@/features/alerts/use-alerts";
import { Chart } from "@/features/chart/page";
import { DEFAULT_TIMEFRAME } from "@/features/chart/search";
import { exchangesQuery } from "@/lib/resources/market";

const route = getRouteApi("/chart/$exchange/$symbol");

export function ChartRoute() {
  const { exchange } = route.useParams();
  const { data: exchanges } = useQuery(exchangesQuery);
  if (exchanges !== undefined && !exchanges.some((one) => one.name === exchange))
    return (
      <EmptyFace
        title={`There is no exchange ${exchange}`}
        action={
          <Link to="/signals" className="text-sm text-accent underline">
            To the signals
          </Link>
        }
      >
        There are {exchanges.map((one) => one.displayName).join(", ")}.
      </EmptyFace>
    );
  return <Known />;
}

function Known() {
  const { exchange, symbol } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate();
  const found = useAlerts({ exchange, symbol });
  const drawn = useAlerts({ exchange, symbol, timeframe: search.tf ?? DEFAULT_TIMEFRAME });
  const reach = (openTime: number): void => {
    const { query, alerts, isFull } = drawn;
    const isEnough = isFull || (alerts.at(-1)?.openTime ?? 0) < openTime;
    if (!isEnough && query.hasNextPage && !query.isFetching && !query.isFetchNextPageError) void query.fetchNextPage();
  };
  return (
    <div className="flex min-h-[calc(100dvh-3rem-3.5rem)] flex-1 flex-col md:flex-none md:h-[calc(100dvh-3rem)] md:min-h-0 xl:flex-row">
      <Chart
        exchange={exchange}
        symbol={symbol}
        search={search}
        alerts={drawn.alerts}
        onSearch={(next) =>
          void navigate({ to: "/chart/$exchange/$symbol", params: { exchange, symbol }, search: next, replace: true })
        }
        onReach={reach}
        onAlert={(id) => void navigate({ to: "/alerts/$id", params: { id } })}
      />
      <div className="h-80 shrink-0 border-t border-line bg-surface xl:h-auto xl:w-76 xl:border-t-0 xl:border-l">
        <AlertList alerts={found} title={`Alerts of ${symbol}`} />
      </div>
    </div>
  );
}
