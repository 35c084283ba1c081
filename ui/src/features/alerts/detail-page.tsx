/** One alert: what happened, why, when each step was taken, and who was told. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft, CandlestickChart, Link2, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { toast } from "sonner";

import type { Alert } from "@/api/shapes";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyFace, ErrorFace, LoadingRows } from "@/components/ui/faces";
import { AlertGlyph } from "@/components/ui/stage-glyph";
import { Age, FullTime } from "@/components/ui/time";
import { Deliveries, Verdict } from "@/features/alerts/aftermath";
import { Candles, Numbers, Rule, Timeframes } from "@/features/alerts/evidence";
import { Way } from "@/features/alerts/way";
import { alertLook, stageLook } from "@/lib/colours";
import { useExchangeTitle } from "@/lib/exchange-names";
import { happening, price, reading } from "@/lib/format";
import { useTopic } from "@/lib/link";
import { Problem } from "@/lib/problem";
import { alertIn, ALERTS_TOPIC } from "@/lib/resources/alerts";
import { alertQuery, provenanceQuery, type Provenance } from "@/lib/resources/provenance";
import { isTimeframe } from "@/lib/time";

export function AlertPage({ id }: { id: string }) {
  const client = useQueryClient();
  const provenance = useQuery(provenanceQuery(id));
  // The ledger may be away or behind; the stream may know the alert all the same.
  const alone = useQuery({ ...alertQuery(id), enabled: provenance.isError && provenance.data === undefined });
  useTopic(ALERTS_TOPIC, (messages) => {
    if (messages.some((message) => message.kind === "dropped" || alertIn(message)?.id === id)) {
      void client.invalidateQueries({ queryKey: provenanceQuery(id).queryKey });
      void client.invalidateQueries({ queryKey: alertQuery(id).queryKey });
    }
  });
  const alert = provenance.data?.alert ?? alone.data;
  const again = (): void => void provenance.refetch();
  return (
    <div className="mx-auto w-full max-w-7xl space-y-4 p-4 md:p-6">
      <Link to="/alerts" className="inline-flex items-center gap-1.5 text-xs text-muted hover:text-text">
        <ArrowLeft aria-hidden="true" className="size-3.5" /> All alerts
      </Link>
      {alert === undefined ? (
        <Card>
          <h1 className="sr-only">Alert</h1>
          {alone.isError ? <NoAlert error={alone.error} onRetry={again} /> : <LoadingRows rows={8} />}
        </Card>
      ) : (
        <>
          <Headline alert={alert} />
          {provenance.data === undefined ? (
            <Partial alert={alert} error={provenance.error} onRetry={again} />
          ) : (
            <Whole provenance={provenance.data} />
          )}
        </>
      )}
    </div>
  );
}

/** 404 where no alert has that id, 422 where none can have it. */
function NoAlert({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  if (![404, 422].includes(Problem.of(error).status)) return <ErrorFace error={error} onRetry={onRetry} />;
  return <EmptyFace title="There is no such alert">The address may have been cut off on its way here.</EmptyFace>;
}

function Headline({ alert }: { alert: Alert }) {
  const exchangeTitle = useExchangeTitle();
  const colour = alertLook(alert.label).colour;
  return (
    <header
      className="rounded-card border border-l-4 border-line bg-surface px-5 py-4"
      style={{ borderLeftColor: colour }}
    >
      <div className="flex flex-wrap items-start gap-x-4 gap-y-3">
        <div className="min-w-0 flex-1">
          <h1 className="flex flex-wrap items-center gap-x-2.5 gap-y-1 text-xl font-semibold tracking-tight">
            <AlertGlyph label={alert.label} size={16} />
            <span className="[overflow-wrap:anywhere]">{alert.symbol}</span>
            <span style={{ color: colour }}>{happening(alert.label)}</span>
            <span className="num text-base font-normal text-muted">on {alert.timeframe}</span>
          </h1>
          <p className="num mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-muted">
            <span>{exchangeTitle(alert.exchangeName)}</span>
            <span>MACD-V {reading(alert.value)}</span>
            <span>{stageLook(alert.stage).label}</span>
            <span>at {price(alert.price)}</span>
            <span>
              <FullTime at={alert.closeTime} />
              {!alert.simulated && (
                <>
                  {" "}
                  · <Age at={alert.closeTime} />
                </>
              )}
            </span>
          </p>
        </div>
        <div className="flex flex-wrap items-center gap-2">
          {alert.simulated && <Badge tone="simulated">simulated market</Badge>}
          <StatusBadge status={alert.status} />
          <CopyLink />
          <Link
            to="/chart/$exchange/$symbol"
            params={{ exchange: alert.exchangeName, symbol: alert.symbol }}
            search={{ ...(isTimeframe(alert.timeframe) && { tf: alert.timeframe }), at: alert.openTime }}
            className="inline-flex h-8 items-center gap-1.5 rounded-md bg-accent px-3 text-sm font-medium text-on-accent hover:brightness-110"
          >
            <CandlestickChart aria-hidden="true" className="size-4" /> Chart
          </Link>
        </div>
      </div>
    </header>
  );
}

export function StatusBadge({ status }: { status: Alert["status"] }) {
  const tone = ({ fired: "good", late: "warn", amended: "busy", retracted: "bad" } as const)[status];
  const mark = { fired: "●", late: "◔", amended: "✎", retracted: "✕" }[status];
  return (
    <Badge tone={tone}>
      <span aria-hidden="true">{mark}</span> {status}
    </Badge>
  );
}

function CopyLink() {
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(location.href);
      toast("The link is copied");
    } catch {
      // Browsers keep the clipboard from pages that came without TLS, and from those whose person says no.
      toast(location.href, { description: "The clipboard is not to be had here: copy the link by hand." });
    }
  };
  return (
    <Button onClick={() => void copy()}>
      <Link2 aria-hidden="true" /> Copy link
    </Button>
  );
}

function Partial({ alert, error, onRetry }: { alert: Alert; error: unknown; onRetry: () => void }) {
  const problem = Problem.of(error);
  const reason =
    problem.status === 404
      ? "The ledger does not know this alert yet: what is shown comes from the stream."
      : `Where it comes from cannot be told now: ${problem.detail || problem.title}`;
  return (
    <>
      <div
        role="alert"
        className="flex flex-wrap items-center gap-3 rounded-card border border-warn/50 bg-warn/8 px-4 py-3 text-sm"
      >
        <TriangleAlert aria-hidden="true" className="size-4 text-warn" />
        <span className="flex-1">{reason}</span>
        <Button size="small" onClick={onRetry}>
          Try again
        </Button>
      </div>
      <Columns side={<Numbers alert={alert} />}>
        <Timeframes alert={alert} />
      </Columns>
    </>
  );
}

function Whole({ provenance }: { provenance: Provenance }) {
  const { alert } = provenance;
  return (
    <Columns
      side={
        <>
          <Verdict id={alert.id} found={provenance.reevaluation} />
          <Numbers alert={alert} />
          <Rule rule={provenance.rule} />
        </>
      }
    >
      <Way provenance={provenance} />
      <Timeframes alert={alert} />
      <Candles alert={alert} candles={provenance.candles} />
      <Deliveries deliveries={provenance.deliveries} />
    </Columns>
  );
}

function Columns({ children, side }: { children: ReactNode; side: ReactNode }) {
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="min-w-0 space-y-4">{children}</div>
      <div className="space-y-4">{side}</div>
    </div>
  );
}
