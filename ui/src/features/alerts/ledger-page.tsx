/** All alerts there were, the newest first, live on top; each leads to where it comes from. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { memo, useEffect, useRef, useState, type ReactNode } from "react";

import type { Alert } from "@/api/shapes";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { EmptyFace, ErrorFace, LoadingRows } from "@/components/ui/faces";
import { SearchInput, Select } from "@/components/ui/input";
import { AlertGlyph, StageName } from "@/components/ui/stage-glyph";
import { ListTime } from "@/components/ui/time";
import { Segments } from "@/components/ui/tabs";
import { VirtualRows } from "@/components/virtual-rows";
import { StatusBadge } from "@/features/alerts/detail-page";
import { ownDelayOf } from "@/features/alerts/model";
import { DeliveriesPage } from "@/features/alerts/deliveries-page";
import { Older } from "@/features/alerts/older";
import { alertsSearch, STATUSES, type AlertsSearch } from "@/features/alerts/search";
import { useAlerts } from "@/features/alerts/use-alerts";
import { classes } from "@/lib/classes";
import { alertLook } from "@/lib/colours";
import { useExchangeTitle } from "@/lib/exchange-names";
import { happening, milliseconds, price, reading } from "@/lib/format";
import { useKeys } from "@/lib/keys";
import { useMedia } from "@/lib/media";
import { exchangesQuery } from "@/lib/resources/market";
import { TIMEFRAMES } from "@/lib/time";

/** One line, or three on a phone, and the space around them, px. */
const WIDE_ROW = 34;
const NARROW_ROW = 62;

interface LedgerPageProps {
  search: AlertsSearch;
  onSearch: (search: AlertsSearch) => void;
}

const idOf = (alert: Alert): string => alert.id;

/** The alerts, or where the address says so, what people were told of them. */
export function LedgerPage(props: LedgerPageProps) {
  const { told, ...filter } = props.search;
  const choice = (
    <Segments
      label="What is listed"
      value={told === undefined ? "alerts" : "deliveries"}
      options={[
        { value: "alerts", label: "Alerts" },
        { value: "deliveries", label: "Deliveries", hint: "Who was told, and who was not" },
      ]}
      onChange={(value) => props.onSearch(value === "alerts" ? filter : { ...filter, told: "all" })}
    />
  );
  if (told === undefined) return <Ledger {...props} choice={choice} />;
  return (
    <DeliveriesPage told={told} onTold={(next) => props.onSearch({ ...filter, told: next })}>
      {choice}
    </DeliveriesPage>
  );
}

function Ledger({ search, onSearch, choice }: LedgerPageProps & { choice: ReactNode }) {
  const { query, alerts, isFull, arrived, settle } = useAlerts(search);
  const isWide = useMedia("(min-width: 64rem)");
  const exchangeTitle = useExchangeTitle();
  const chosen = useRowKeys(alerts, JSON.stringify(search));
  return (
    <div className="flex h-[calc(100dvh-3rem-3.5rem)] min-h-0 flex-col bg-surface md:h-[calc(100dvh-3rem)]">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4 py-2.5">
        <h1 className="text-base font-semibold">Alerts</h1>
        {choice}
        {query.data?.pages[0]?.source === "stream" && (
          <Badge tone="warn">the ledger is away: these come from the stream of the last 90 days</Badge>
        )}
        <Filters search={search} onSearch={onSearch} />
      </header>
      <div className="live flex min-h-0 flex-1 flex-col">
        {query.isError && query.data === undefined && (
          <ErrorFace error={query.error} onRetry={() => void query.refetch()} />
        )}
        {query.isPending && <LoadingRows rows={16} />}
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
          <VirtualRows
            key={JSON.stringify(search)}
            kind="list"
            label="Alerts"
            items={alerts}
            keyOf={idOf}
            rowHeight={isWide ? WIDE_ROW : NARROW_ROW}
            chosen={chosen}
            isGrowing
            {...(isWide && { head: <Head /> })}
            foot={<Older query={query} isFull={isFull} />}
          >
            {(alert) => (
              <LedgerRow
                alert={alert}
                exchange={exchangeTitle(alert.exchangeName)}
                isChosen={alert.id === chosen}
                isNew={arrived.has(alert.id)}
                onShown={settle}
              />
            )}
          </VirtualRows>
        )}
      </div>
    </div>
  );
}

/** j and k choose a row and give it the focus; Enter is the link's own. */
function useRowKeys(alerts: readonly Alert[], filter: string): string | null {
  const [chosen, choose] = useState<{ filter: string; id: string } | null>(null);
  const id = chosen?.filter === filter ? chosen.id : null;
  const move = (step: number): void => {
    const here = alerts.findIndex((alert) => alert.id === id);
    const next = alerts[Math.max(0, Math.min(alerts.length - 1, here + step))];
    if (next !== undefined) choose({ filter, id: next.id });
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    Escape: () => choose(null),
    "/": () => document.querySelector<HTMLInputElement>("[role=searchbox]")?.focus(),
  });
  return id;
}

function Filters({ search, onSearch }: LedgerPageProps) {
  const exchanges = useQuery(exchangesQuery);
  const [symbol, setSymbol] = useState(search.symbol ?? "");
  const known = exchanges.data?.map((one) => ({ value: one.name, label: one.displayName })) ?? [];
  const change = (part: Readonly<Record<string, string>>): void => onSearch(alertsSearch({ ...search, ...part }));
  const any = (label: string) => ({ value: "", label });
  return (
    <div className="grid w-full grid-cols-2 gap-2 sm:flex sm:w-auto sm:flex-1 sm:flex-wrap sm:justify-end">
      <SearchInput
        label="Symbol"
        placeholder="Symbol: BTC-USD  /"
        value={symbol}
        onChange={(text) => {
          setSymbol(text);
          const { symbol: before, ...rest } = search;
          const after = alertsSearch({ ...rest, symbol: text });
          if (after.symbol !== before) onSearch(after);
        }}
        className="col-span-2 sm:w-52"
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

const COLUMNS = "lg:grid-cols-[7.5rem_minmax(8rem,1fr)_3rem_minmax(11rem,1.6fr)_7rem_4.5rem_6.5rem_4.5rem_6.5rem_6rem]";
const HEADINGS = ["Closed", "Symbol", "", "What", "Stage", "MACD-V", "Price", "Delay", "Exchange", "Status"];
const TO_THE_RIGHT = ["MACD-V", "Price", "Delay"];

/** What the columns are, for the eye: each row is told as one link. */
function Head() {
  return (
    <div
      aria-hidden="true"
      className={classes(
        "sticky top-0 z-10 grid h-8 items-center gap-x-4 border-b border-line bg-surface pr-4 pl-5 text-xs text-faint",
        COLUMNS,
      )}
    >
      {HEADINGS.map((heading) => (
        <span key={heading} className={classes(TO_THE_RIGHT.includes(heading) && "justify-self-end")}>
          {heading}
        </span>
      ))}
    </div>
  );
}

interface LedgerRowProps {
  alert: Alert;
  exchange: string;
  isChosen: boolean;
  isNew: boolean;
  onShown: (id: string) => void;
}

const LedgerRow = memo(function LedgerRow({ alert, exchange, isChosen, isNew, onShown }: LedgerRowProps) {
  const colour = alertLook(alert.label).colour;
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (isChosen) link.current?.focus({ preventScroll: true });
  }, [isChosen]);
  return (
    <Link
      ref={link}
      to="/alerts/$id"
      params={{ id: alert.id }}
      onAnimationEnd={() => onShown(alert.id)}
      className={classes(
        isNew && "arrive",
        "relative grid h-full grid-cols-[1fr_auto] content-center items-center gap-x-4 gap-y-0.5 border-b border-line/70 pr-4 pl-5 text-xs before:absolute before:inset-y-1.5 before:left-0 before:w-[3px] before:rounded-r before:bg-(--tint) hover:bg-hover focus-visible:-outline-offset-2",
        COLUMNS,
      )}
      style={{ "--tint": colour } as React.CSSProperties}
    >
      <span className="order-2 justify-self-end text-faint lg:order-none lg:justify-self-start">
        <ListTime at={alert.closeTime} />
      </span>
      <span className="order-1 flex min-w-0 items-center gap-2 text-sm lg:order-none">
        <AlertGlyph label={alert.label} />
        <strong className={classes("truncate font-semibold", alert.status === "retracted" && "line-through")}>
          {alert.symbol}
        </strong>
      </span>
      <span className="num order-5 hidden text-muted lg:order-none lg:block">{alert.timeframe}</span>
      <span className="order-3 truncate font-medium lg:order-none" style={{ color: colour }}>
        {happening(alert.label)} <span className="num font-normal text-muted lg:hidden">on {alert.timeframe}</span>
      </span>
      <span className="hidden text-muted lg:block">
        <StageName stage={alert.stage} />
      </span>
      <span className="num order-4 justify-self-end text-sm lg:order-none">{reading(alert.value)}</span>
      <span className="num hidden justify-self-end text-muted lg:block">{price(alert.price)}</span>
      <span
        className="num hidden justify-self-end text-faint lg:block"
        title="from the arrival of the proof to the commit"
      >
        {milliseconds(ownDelayOf(alert))}
      </span>
      <span className="order-6 truncate text-2xs text-faint lg:order-none lg:text-xs">{exchange}</span>
      <span className="order-7 justify-self-end lg:order-none lg:justify-self-start">
        {alert.status === "fired" ? (
          <span className="text-2xs text-faint lg:text-xs">fired</span>
        ) : (
          <StatusBadge status={alert.status} />
        )}
      </span>
    </Link>
  );
});
