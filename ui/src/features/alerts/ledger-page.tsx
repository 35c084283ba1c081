/** All alerts there were, the newest first, live on top; each leads to where it comes from. */
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useRef, useState } from "react";

import type { Alert } from "@/api/shapes";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyFace, ErrorFace, LoadingRows } from "@/components/ui/faces";
import { SearchInput, Select } from "@/components/ui/input";
import { Kbd } from "@/components/ui/kbd";
import { StageGlyph, StageName } from "@/components/ui/stage-glyph";
import { ListTime } from "@/components/ui/time";
import { StatusBadge } from "@/features/alerts/detail-page";
import { applyNews, delayOf } from "@/features/alerts/model";
import { alertsSearch, STATUSES } from "@/features/alerts/search";
import { classes } from "@/lib/classes";
import { alertColour } from "@/lib/colours";
import { count, happening, milliseconds, price, reading } from "@/lib/format";
import { useKeys } from "@/lib/keys";
import { useTopic } from "@/lib/link";
import { alertIn, ALERTS_TOPIC, alertsIn } from "@/lib/resources/alerts";
import { exchangesQuery } from "@/lib/resources/market";
import { ledgerQuery, type LedgerFilter } from "@/lib/resources/provenance";
import { TIMEFRAMES } from "@/lib/time";

interface LedgerPageProps {
  search: LedgerFilter;
  onSearch: (search: LedgerFilter) => void;
}

function useLedger(filter: LedgerFilter) {
  const client = useQueryClient();
  const { queryKey } = ledgerQuery(filter);
  useTopic(ALERTS_TOPIC, (messages) => {
    if (messages.some((message) => message.kind === "dropped")) {
      void client.invalidateQueries({ queryKey });
      return;
    }
    const news = messages.flatMap((message) => alertIn(message) ?? []);
    client.setQueryData(queryKey, (old) =>
      old === undefined ? old : news.reduce((pages, alert) => applyNews(pages, alert, filter), old),
    );
  });
  return useInfiniteQuery(ledgerQuery(filter));
}

export function LedgerPage({ search, onSearch }: LedgerPageProps) {
  const query = useLedger(search);
  const alerts = alertsIn(query.data);
  const rows = useRowKeys();
  return (
    <div className="mx-auto w-full max-w-7xl space-y-4 p-4 md:p-6">
      <header className="flex flex-wrap items-center gap-3">
        <h1 className="text-xl font-semibold tracking-tight">Alerts</h1>
        <span className="num text-xs text-faint">
          {query.data === undefined ? "" : `${count(alerts.length)}${query.hasNextPage ? "+" : ""}`}
        </span>
        {query.data?.pages[0]?.source === "stream" && (
          <Badge tone="warn">the ledger is away: these come from the stream of the last 90 days</Badge>
        )}
        <span className="ml-auto hidden items-center gap-1 text-2xs text-faint md:flex">
          <Kbd>j</Kbd> <Kbd>k</Kbd> to move, <Kbd>↵</Kbd> to open
        </span>
      </header>
      <Filters search={search} onSearch={onSearch} />
      <Card aria-label="Alerts" className="min-w-0">
        {query.isError && query.data === undefined && (
          <ErrorFace error={query.error} onRetry={() => void query.refetch()} />
        )}
        {query.isPending && <LoadingRows rows={12} />}
        {query.data !== undefined && alerts.length === 0 && (
          <EmptyFace
            title={Object.keys(search).length === 0 ? "No alerts yet" : "No alert is like that"}
            action={
              Object.keys(search).length > 0 && (
                <Button size="small" onClick={() => onSearch({})}>
                  Show all
                </Button>
              )
            }
          >
            Livermore speaks only when something happened.
          </EmptyFace>
        )}
        {alerts.length > 0 && (
          <ul ref={rows} className="live">
            {alerts.map((alert) => (
              <LedgerRow key={alert.id} alert={alert} />
            ))}
          </ul>
        )}
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
      </Card>
    </div>
  );
}

/** j and k move the focus from row to row; Enter is the link's own. */
function useRowKeys() {
  const rows = useRef<HTMLUListElement>(null);
  const move = (step: number): void => {
    const links = [...(rows.current?.querySelectorAll<HTMLElement>("a") ?? [])];
    const here = links.findIndex((link) => link === document.activeElement);
    links[Math.max(0, Math.min(links.length - 1, here + step))]?.focus();
  };
  useKeys({ j: () => move(1), k: () => move(-1) });
  return rows;
}

function Filters({ search, onSearch }: LedgerPageProps) {
  const exchanges = useQuery(exchangesQuery);
  const [symbol, setSymbol] = useState(search.symbol ?? "");
  const known = exchanges.data?.map((one) => ({ value: one.name, label: one.displayName })) ?? [];
  const change = (part: Readonly<Record<string, string>>): void => onSearch(alertsSearch({ ...search, ...part }));
  const any = (label: string) => ({ value: "", label });
  return (
    <div className="grid grid-cols-2 gap-2 sm:flex sm:flex-wrap">
      <SearchInput
        label="Symbol"
        placeholder="Symbol, such as BTC-USD"
        value={symbol}
        onChange={(text) => {
          setSymbol(text);
          const { symbol: before, ...rest } = search;
          const after = alertsSearch({ ...rest, symbol: text });
          if (after.symbol !== before) onSearch(after);
        }}
        className="col-span-2 sm:w-60"
      />
      <Select
        label="Exchange"
        value={search.exchange ?? ""}
        options={[any("All exchanges"), ...known]}
        onChange={(exchange) => change({ exchange })}
        className="sm:w-40"
      />
      <Select
        label="Timeframe"
        value={search.timeframe ?? ""}
        options={[any("All timeframes"), ...TIMEFRAMES.map((one) => ({ value: one, label: one }))]}
        onChange={(timeframe) => change({ timeframe })}
        className="sm:w-40"
      />
      <Select
        label="Kind"
        value={search.label ?? ""}
        options={[any("All kinds"), ...LABELS.map((one) => ({ value: one, label: happening(one) }))]}
        onChange={(label) => change({ label })}
        className="sm:w-52"
      />
      <Select
        label="Status"
        value={search.status ?? ""}
        options={[any("Any status"), ...STATUSES.map((one) => ({ value: one, label: one }))]}
        onChange={(status) => change({ status })}
        className="sm:w-36"
      />
    </div>
  );
}

const LABELS = [
  "level_150",
  "level_200",
  "level_250",
  "level_-150",
  "level_-200",
  "level_-250",
  "reversal_oversold",
  "reversal_overbought",
] as const;

function LedgerRow({ alert }: { alert: Alert }) {
  const colour = alertColour(alert.label, alert.stage);
  const delay = delayOf(alert);
  return (
    <li className="arrive border-b border-line/70 last:border-b-0" style={{ "--tint": colour } as React.CSSProperties}>
      <Link
        to="/alerts/$id"
        params={{ id: alert.id }}
        className="relative grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-0.5 py-2 pr-4 pl-5 text-xs before:absolute before:inset-y-1.5 before:left-0 before:w-[3px] before:rounded-r before:bg-(--tint) hover:bg-hover lg:grid-cols-[7rem_10rem_3rem_1fr_7rem_4.5rem_6.5rem_4rem_6rem_5rem]"
      >
        <span className="order-2 justify-self-end text-faint lg:order-none lg:justify-self-start">
          <ListTime at={alert.closeTime} />
        </span>
        <span className="order-1 flex min-w-0 items-center gap-2 text-sm lg:order-none">
          <StageGlyph stage={alert.stage} />
          <strong className={classes("truncate font-semibold", alert.status === "retracted" && "line-through")}>
            {alert.symbol}
          </strong>
        </span>
        <span className="num order-5 hidden text-muted lg:order-none lg:block">{alert.timeframe}</span>
        <span className="order-3 font-medium lg:order-none" style={{ color: colour }}>
          {happening(alert.label)} <span className="num font-normal text-muted lg:hidden">on {alert.timeframe}</span>
        </span>
        <span className="hidden text-muted lg:block">
          <StageName stage={alert.stage} />
        </span>
        <span className="num order-4 justify-self-end text-sm lg:order-none">{reading(alert.value)}</span>
        <span className="num hidden justify-self-end text-muted lg:block">{price(alert.price)}</span>
        <span className="num hidden justify-self-end text-faint lg:block" title="from the close to the commit">
          {milliseconds(delay)}
        </span>
        <span className="order-6 text-2xs text-faint lg:order-none lg:text-xs">{alert.exchangeName}</span>
        <span className="order-7 justify-self-end lg:order-none lg:justify-self-start">
          {alert.status === "fired" ? <span className="text-faint">fired</span> : <StatusBadge status={alert.status} />}
        </span>
      </Link>
    </li>
  );
}
