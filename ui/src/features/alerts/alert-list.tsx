/** The newest alerts, live on top, older ones on demand. */
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { memo } from "react";

import type { Alert } from "@/api/shapes";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { EmptyFace, ErrorFace, LoadingRows } from "@/components/ui/faces";
import { StageGlyph } from "@/components/ui/stage-glyph";
import { ListTime } from "@/components/ui/time";
import { classes } from "@/lib/classes";
import { alertColour } from "@/lib/colours";
import { count, happening, milliseconds, price, reading } from "@/lib/format";
import { useTopic } from "@/lib/link";
import {
  alertIn,
  ALERTS_TOPIC,
  alertsIn,
  alertsQuery,
  applyAlert,
  isWanted,
  type AlertFilter,
} from "@/lib/resources/alerts";
import { isTimeframe } from "@/lib/time";

export function useAlerts(filter: AlertFilter) {
  const client = useQueryClient();
  const options = alertsQuery(filter);
  useTopic(ALERTS_TOPIC, (messages) => {
    if (messages.some((message) => message.kind === "dropped")) {
      void client.invalidateQueries({ queryKey: options.queryKey });
      return;
    }
    const news = messages.flatMap((message) => alertIn(message) ?? []).filter((alert) => isWanted(alert, filter));
    if (news.length > 0)
      client.setQueryData(options.queryKey, (old) => (old === undefined ? old : news.reduce(applyAlert, old)));
  });
  return useInfiniteQuery(options);
}

export function AlertList({ filter, title = "Alerts" }: { filter: AlertFilter; title?: string }) {
  const query = useAlerts(filter);
  const alerts = alertsIn(query.data);
  return (
    <section aria-label={title} className="flex h-full min-h-0 flex-col">
      <header className="flex h-11 shrink-0 items-center gap-2 border-b border-line px-4">
        <h2 className="text-sm font-semibold">{title}</h2>
        <span className="num text-xs text-faint">
          {query.data === undefined ? "" : `${count(alerts.length)}${query.hasNextPage ? "+" : ""}`}
        </span>
        {query.data?.pages[0]?.source === "stream" && (
          <Badge
            tone="warn"
            title="PostgreSQL is away: these come from the stream of the last 90 days, without their revisions."
          >
            from the stream
          </Badge>
        )}
      </header>
      <div className="live min-h-0 flex-1 overflow-y-auto">
        {query.isError && query.data === undefined && (
          <ErrorFace error={query.error} onRetry={() => void query.refetch()} />
        )}
        {query.isPending && <LoadingRows rows={9} />}
        {query.data !== undefined && alerts.length === 0 && (
          <EmptyFace title="No alerts yet">Livermore speaks only when something happened.</EmptyFace>
        )}
        <ul>
          {alerts.map((alert) => (
            <AlertRow key={alert.id} alert={alert} />
          ))}
        </ul>
        {query.hasNextPage && (
          <div className="p-3 text-center">
            <Button
              size="small"
              weight="quiet"
              disabled={query.isFetchingNextPage}
              onClick={() => void query.fetchNextPage()}
            >
              {query.isFetchingNextPage ? "Fetching older ones" : "Older alerts"}
            </Button>
          </div>
        )}
      </div>
    </section>
  );
}

const AlertRow = memo(function AlertRow({ alert }: { alert: Alert }) {
  const colour = alertColour(alert.label, alert.stage);
  const isGone = alert.status === "retracted";
  return (
    <li className="arrive border-b border-line/70" style={{ "--tint": colour } as React.CSSProperties}>
      <Link
        to="/chart/$exchange/$symbol"
        params={{ exchange: alert.exchangeName, symbol: alert.symbol }}
        search={{ ...(isTimeframe(alert.timeframe) && { tf: alert.timeframe }), at: alert.openTime }}
        className="relative block py-2 pr-4 pl-4.5 before:absolute before:inset-y-1.5 before:left-0 before:w-[3px] before:rounded-r before:bg-(--tint) hover:bg-hover"
      >
        <span className="flex items-center gap-2 text-sm">
          <StageGlyph stage={alert.stage} />
          <strong className={classes("font-semibold", isGone && "line-through")}>{alert.symbol}</strong>
          <span className="num text-xs text-muted">{alert.timeframe}</span>
          <StatusMark status={alert.status} />
          <span className="ml-auto text-xs text-faint">
            <ListTime at={alert.closeTime} />
          </span>
        </span>
        <span className="mt-0.5 flex items-baseline gap-2 text-xs">
          <span className="font-medium" style={{ color: colour }}>
            {happening(alert.label)}
          </span>
          <span className="num ml-auto text-muted">{reading(alert.value)}</span>
        </span>
        <span className="num mt-0.5 flex gap-2 text-2xs text-faint">
          <span>{alert.exchangeName}</span>
          <span>{price(alert.price)}</span>
          <span>bias {alert.bias}</span>
          <span className="ml-auto" title="from the close of the candle to the alert's commit">
            {alert.times.committed === null ? "" : `after ${milliseconds(alert.times.committed - alert.times.close)}`}
          </span>
        </span>
      </Link>
    </li>
  );
});

function StatusMark({ status }: { status: Alert["status"] }) {
  if (status === "fired") return null;
  return <Badge tone={status === "late" ? "warn" : status === "retracted" ? "bad" : "neutral"}>{status}</Badge>;
}
