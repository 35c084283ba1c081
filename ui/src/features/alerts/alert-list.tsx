/** The newest alerts, live on top, older ones on demand; each opens its own page. */
import { Link } from "@tanstack/react-router";
import { memo } from "react";

import type { Alert } from "@/api/shapes";
import { Badge } from "@/components/ui/badge";
import { EmptyFace, ErrorFace, LoadingRows } from "@/components/ui/faces";
import { AlertGlyph } from "@/components/ui/stage-glyph";
import { ListTime } from "@/components/ui/time";
import { VirtualRows } from "@/components/virtual-rows";
import { ownDelayOf } from "@/features/alerts/model";
import { Older } from "@/features/alerts/older";
import type { Alerts } from "@/features/alerts/use-alerts";
import { classes } from "@/lib/classes";
import { alertLook } from "@/lib/colours";
import { useExchangeTitle } from "@/lib/exchange-names";
import { happening, milliseconds, price, reading } from "@/lib/format";

/** Three lines of text and the space around them, px. */
const ROW = 64;

interface AlertListProps {
  alerts: Alerts;
  title?: string;
}

export function AlertList({ alerts: { query, alerts, isFull, arrived, settle }, title = "Alerts" }: AlertListProps) {
  const exchangeTitle = useExchangeTitle();
  return (
    <section aria-label={title} className="flex h-full min-h-0 flex-col">
      <header className="flex h-11 shrink-0 items-center gap-2 border-b border-line px-4">
        <h2 className="text-sm font-semibold">{title}</h2>
        {query.data?.pages[0]?.source === "stream" && (
          <Badge
            tone="warn"
            title="PostgreSQL is away: these come from the stream of the last 90 days, without their revisions."
          >
            from the stream
          </Badge>
        )}
      </header>
      <div className="live flex min-h-0 flex-1 flex-col">
        {query.isError && query.data === undefined && (
          <ErrorFace error={query.error} onRetry={() => void query.refetch()} />
        )}
        {query.isPending && <LoadingRows rows={9} />}
        {query.data !== undefined && alerts.length === 0 && (
          <EmptyFace title="No alerts yet">Livermore speaks only when something happened.</EmptyFace>
        )}
        {alerts.length > 0 && (
          <VirtualRows
            kind="list"
            label={title}
            items={alerts}
            keyOf={idOf}
            rowHeight={ROW}
            isGrowing
            foot={<Older query={query} isFull={isFull} />}
          >
            {(alert) => (
              <AlertRow
                alert={alert}
                exchange={exchangeTitle(alert.exchangeName)}
                isNew={arrived.has(alert.id)}
                onShown={settle}
              />
            )}
          </VirtualRows>
        )}
      </div>
    </section>
  );
}

const idOf = (alert: Alert): string => alert.id;

interface AlertRowProps {
  alert: Alert;
  exchange: string;
  isNew: boolean;
  onShown: (id: string) => void;
}

const AlertRow = memo(function AlertRow({ alert, exchange, isNew, onShown }: AlertRowProps) {
  const colour = alertLook(alert.label).colour;
  const isGone = alert.status === "retracted";
  const delay = ownDelayOf(alert);
  return (
    <Link
      to="/alerts/$id"
      params={{ id: alert.id }}
      onAnimationEnd={() => onShown(alert.id)}
      className={classes(
        isNew && "arrive",
        "relative flex h-full flex-col justify-center gap-0.5 border-b border-line/70 pr-4 pl-4.5 before:absolute before:inset-y-1.5 before:left-0 before:w-[3px] before:rounded-r before:bg-(--tint) hover:bg-hover focus-visible:-outline-offset-2",
      )}
      style={{ "--tint": colour } as React.CSSProperties}
    >
      <span className="flex min-w-0 items-center gap-2 text-sm leading-5">
        <AlertGlyph label={alert.label} />
        <strong className={classes("truncate font-semibold", isGone && "line-through")}>{alert.symbol}</strong>
        <span className="num text-xs text-muted">{alert.timeframe}</span>
        <StatusMark status={alert.status} />
        <span className="ml-auto shrink-0 text-xs text-faint">
          <ListTime at={alert.closeTime} />
        </span>
      </span>
      <span className="flex items-baseline gap-2 text-xs leading-4">
        <span className="truncate font-medium" style={{ color: colour }}>
          {happening(alert.label)}
        </span>
        <span className="num ml-auto shrink-0 text-muted">{reading(alert.value)}</span>
      </span>
      <span className="num flex gap-2 text-2xs leading-4 text-faint">
        <span className="truncate">{exchange}</span>
        <span>{price(alert.price)}</span>
        <span className="truncate">{alert.bias}</span>
        <span className="ml-auto shrink-0" title="from the arrival of what closed the candle to the commit">
          {delay === null ? "" : `in ${milliseconds(delay)}`}
        </span>
      </span>
    </Link>
  );
});

function StatusMark({ status }: { status: Alert["status"] }) {
  if (status === "fired") return null;
  return <Badge tone={status === "late" ? "warn" : status === "retracted" ? "bad" : "neutral"}>{status}</Badge>;
}
