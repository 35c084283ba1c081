/** The chart at its address, with the alerts of its symbol. */
import { getRouteApi, useNavigate } from "@tanstack/react-router";

import { AlertList, useAlerts } from "@/features/alerts/alert-list";
import { Chart } from "@/features/chart/page";
import { alertsIn } from "@/lib/resources/alerts";
import { isTimeframe } from "@/lib/time";

const route = getRouteApi("/chart/$exchange/$symbol");

export function ChartRoute() {
  const { exchange, symbol } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate();
  const filter = { exchange, symbol };
  const alerts = alertsIn(useAlerts(filter).data);
  const show = (id: string): void => {
    const alert = alerts.find((one) => one.id === id);
    if (alert === undefined) return;
    void navigate({
      to: "/chart/$exchange/$symbol",
      params: { exchange, symbol },
      search: { ...(isTimeframe(alert.timeframe) && { tf: alert.timeframe }), at: alert.openTime },
    });
  };
  return (
    <div className="flex min-h-[calc(100dvh-3rem-3.5rem)] flex-1 flex-col md:flex-none md:h-[calc(100dvh-3rem)] md:min-h-0 xl:flex-row">
      <Chart
        exchange={exchange}
        symbol={symbol}
        search={search}
        alerts={alerts}
        onSearch={(next) =>
          void navigate({ to: "/chart/$exchange/$symbol", params: { exchange, symbol }, search: next, replace: true })
        }
        onAlert={show}
      />
      <div className="h-80 shrink-0 border-t border-line bg-surface xl:h-auto xl:w-76 xl:border-t-0 xl:border-l">
        <AlertList filter={filter} title={`Alerts of ${symbol}`} />
      </div>
    </div>
  );
}
