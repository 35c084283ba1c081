/** What is watched on an exchange: by whom, how well it is known, and the ways to watch more or less. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ListPlus, Plus } from "lucide-react";
import { useMemo, useRef } from "react";
import { toast } from "sonner";

import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyFace, ErrorFace, LoadingRows } from "@/components/ui/faces";
import { SearchInput } from "@/components/ui/input";
import { Segments } from "@/components/ui/tabs";
import { AddPanel } from "@/features/symbols/add-panel";
import { useFollowedOrders } from "@/features/symbols/followed";
import { ImportPanel } from "@/features/symbols/import-panel";
import { leaving, newestOf, rowsOf, shown, symbolOrders, totalsOf } from "@/features/symbols/model";
import { Pending } from "@/features/symbols/pending";
import type { Sort, SymbolsSearch } from "@/features/symbols/search";
import { SymbolTable } from "@/features/symbols/table";
import { Warmup } from "@/features/symbols/warmup";
import { conditionOf } from "@/lib/condition";
import { count } from "@/lib/format";
import { useKeys } from "@/lib/keys";
import { useCommandSteps, useOrder, useOrders } from "@/lib/orders";
import { isFresh, networkQuery } from "@/lib/resources/network";
import { symbolsQuery, type Watched } from "@/lib/resources/symbols";
import { useSession } from "@/lib/session";
import { useMatrix } from "@/lib/use-matrix";

interface SymbolsPageProps {
  search: SymbolsSearch;
  onSearch: (search: SymbolsSearch) => void;
  onChart: (exchange: string, symbol: string) => void;
}

export function SymbolsPage({ search, onSearch, onChart }: SymbolsPageProps) {
  const client = useQueryClient();
  const state = useSession();
  const network = useQuery(networkQuery);
  const instances = network.data?.items ?? [];
  const exchange = search.exchange ?? (instances.find(isFresh) ?? instances[0])?.exchangeName ?? "";
  const instance = instances.find((one) => one.exchangeName === exchange);
  const symbols = useQuery(symbolsQuery(exchange));
  const market = useMatrix(exchange);
  const order = useOrder(exchange);
  const orders = useFollowedOrders(exchange, symbolOrders(useOrders(exchange)));
  const box = useRef<HTMLInputElement>(null);
  const refresh = (): void => {
    void client.invalidateQueries({ queryKey: symbolsQuery(exchange).queryKey });
    void client.invalidateQueries({ queryKey: ["instruments", exchange] });
  };
  useCommandSteps(exchange, refresh);

  const person = state.phase === "signed-in" ? state.person : null;
  const isAdmin = person?.role === "admin";
  const mayChange = exchange !== "" && (isAdmin || person?.role === "user");
  const all = useMemo(() => rowsOf(symbols.data ?? [], market.data?.items ?? []), [symbols.data, market.data]);
  const rows = useMemo(() => shown(all, search), [all, search]);
  const totals = useMemo(() => totalsOf(all), [all]);

  const change = (over: { readonly [K in keyof SymbolsSearch]?: SymbolsSearch[K] | undefined }): void =>
    onSearch(Object.fromEntries(Object.entries({ ...search, ...over }).filter(([, value]) => value !== undefined)));
  const sortBy = (sort: Sort): void => {
    if (search.sort !== sort) change({ sort, desc: sort === "symbol" ? undefined : true });
    else if ((search.desc === true) === (sort !== "symbol")) change({ desc: sort === "symbol" ? true : undefined });
    else change({ sort: undefined, desc: undefined });
  };
  const remove = ({ symbol, tier }: Watched): void => {
    order({ kind: "remove", symbol, tier });
    toast(`Asked to stop watching ${symbol}`, {
      id: `removed ${symbol}`,
      description: "Its alerts and candles stay.",
      action: { label: "Undo", onClick: () => order({ kind: "add", symbol, tier }) },
      duration: 12_000,
    });
  };
  const close = (): void => change({ panel: undefined });
  useKeys({
    "/": () => box.current?.focus(),
    a: () => mayChange && change({ panel: "add" }),
    i: () => mayChange && change({ panel: "import" }),
  });

  return (
    <section aria-label="Symbols" className="flex min-h-0 min-w-0 flex-1 flex-col bg-surface">
      <header className="flex flex-wrap items-center gap-2 border-b border-line px-3 py-2">
        <h1 className="mr-1 text-base font-semibold tracking-tight">Symbols</h1>
        {instances.length > 0 && (
          <Segments
            label="Exchange"
            value={exchange}
            options={instances.map((one) => ({ value: one.exchangeName, label: one.displayName }))}
            onChange={(next) => change({ exchange: next })}
          />
        )}
        <SearchInput
          ref={box}
          label="Find a symbol"
          placeholder="Find a symbol  /"
          value={search.q ?? ""}
          onChange={(q) => change({ q: q === "" ? undefined : q })}
          className="w-44"
        />
        <Segments
          label="Whose"
          value={search.tier === undefined ? "all" : String(search.tier)}
          options={[
            { value: "all", label: <Total word="All" total={totals.all} /> },
            {
              value: "1",
              label: <Total word="Everybody's" total={totals.everybodys} />,
              hint: "Tier 1: watched for all",
            },
            {
              value: "2",
              label: <Total word="Single users'" total={totals.own} />,
              hint: "Tier 2: watched for one user",
            },
          ]}
          onChange={(tier) => change({ tier: tier === "all" ? undefined : tier === "1" ? 1 : 2 })}
        />
        {mayChange && (
          <span className="ml-auto flex gap-2">
            <Button onClick={() => change({ panel: "import" })} title="Paste a list (i)">
              <ListPlus aria-hidden="true" /> Import
            </Button>
            <Button
              weight="primary"
              onClick={() => change({ panel: "add" })}
              title="Search what the exchange lists (a)"
            >
              <Plus aria-hidden="true" /> Add
            </Button>
          </span>
        )}
      </header>
      <Warmup instance={instance} totals={totals} />
      {instance !== undefined && !isFresh(instance) && (
        <p role="status" className="border-b border-line bg-warn/10 px-4 py-1.5 text-xs">
          <strong className="font-semibold">
            {instance.displayName}: {conditionOf(instance).word.toLowerCase()}.
          </strong>{" "}
          What is listed is what it is to watch; whether it does is not certain now.
        </p>
      )}
      <Pending orders={orders} onOrder={order} onEnd={refresh} />
      <div data-stale={instance !== undefined && !isFresh(instance)} className="flex min-h-0 flex-1 flex-col">
        {body()}
      </div>
      <AddPanel
        exchange={exchange}
        isOpen={search.panel === "add" && mayChange}
        isAdmin={isAdmin}
        orders={orders}
        onOrder={order}
        onClose={close}
      />
      <ImportPanel
        exchange={exchange}
        isOpen={search.panel === "import" && mayChange}
        isAdmin={isAdmin}
        onOrder={order}
        onClose={close}
      />
    </section>
  );

  function body() {
    const failed = [network, symbols].find((query) => query.isError && query.data === undefined);
    if (failed !== undefined) {
      return (
        <Card className="m-4">
          <ErrorFace error={failed.error} onRetry={() => void failed.refetch()} />
        </Card>
      );
    }
    if (symbols.data === undefined) return <LoadingRows rows={16} />;
    if (all.length === 0) {
      return (
        <EmptyFace
          title={`Nothing is watched on ${instance?.displayName ?? exchange}`}
          action={
            mayChange && (
              <Button className="mt-1" onClick={() => change({ panel: "add" })}>
                Add a symbol
              </Button>
            )
          }
        >
          At its first start an instance chooses symbols by volume; what is added here is watched as well.
        </EmptyFace>
      );
    }
    if (rows.length === 0) {
      return (
        <EmptyFace
          title="No symbol passes these filters"
          action={
            <Button className="mt-1" onClick={() => change({ q: undefined, tier: undefined })}>
              Show all {count(all.length)}
            </Button>
          }
        />
      );
    }
    return (
      <SymbolTable
        rows={rows}
        newest={newestOf(all)}
        sort={search.sort}
        isDescending={search.desc === true}
        person={{ id: person?.id ?? "", isAdmin }}
        leaving={leaving(orders)}
        onSort={sortBy}
        onRemove={remove}
        onOpen={(symbol) => onChart(exchange, symbol)}
      />
    );
  }
}

function Total({ word, total }: { word: string; total: number }) {
  return (
    <>
      {word} <span className="num text-faint">{count(total)}</span>
    </>
  );
}
