/** The matrix of one exchange with its filters, keys and order. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";

import { Filters } from "@/features/signals/filters";
import { MatrixGrid } from "@/features/signals/matrix";
import { inOrder, isOutdated, keptNow, newestCloses, stageCounts, stepped, type Kept } from "@/features/signals/model";
import type { SignalsSearch, Sort } from "@/features/signals/search";
import { EmptyFace, ErrorFace, LoadingRows } from "@/components/ui/faces";
import { conditionOf } from "@/lib/condition";
import { useKeys } from "@/lib/keys";
import { isFresh, networkQuery } from "@/lib/resources/network";
import type { Timeframe } from "@/lib/time";
import { useMatrix } from "@/lib/use-matrix";

interface SignalsProps {
  search: SignalsSearch;
  onSearch: (search: SignalsSearch) => void;
  onOpen: (exchange: string, symbol: string, timeframe: Timeframe) => void;
}

export function Signals({ search, onSearch, onOpen }: SignalsProps) {
  const network = useQuery(networkQuery);
  const exchanges = network.data?.items ?? [];
  const exchange = search.exchange ?? (exchanges.find(isFresh) ?? exchanges[0])?.exchangeName ?? "";
  const instance = exchanges.find((one) => one.exchangeName === exchange);
  const matrix = useMatrix(exchange);
  const [chosen, setChosen] = useChosen(exchange);
  const box = useRef<HTMLInputElement>(null);
  const { rows, isMoved, makeAgain } = useSteadyRows(matrix.data?.items ?? [], search, exchange);
  const counts = useMemo(
    () => (matrix.data === undefined ? null : stageCounts(matrix.data, search.tf)),
    [matrix.data, search.tf],
  );
  const newest = useMemo(() => newestCloses(matrix.data?.items ?? []), [matrix.data]);

  const change = (over: Partial<Record<keyof SignalsSearch, string | number | boolean | undefined>>): void => {
    onSearch(Object.fromEntries(Object.entries({ ...search, ...over }).filter(([, value]) => value !== undefined)));
  };
  const sortBy = (sort: Sort): void =>
    change(
      search.sort === sort
        ? search.desc === true
          ? { sort: undefined, desc: undefined }
          : { desc: true }
        : { sort, desc: sort === "symbol" ? undefined : true },
    );
  const step = (by: number) => () => setChosen(stepped(rows, chosen, by));
  useKeys({
    j: step(1),
    k: step(-1),
    ArrowDown: step(1),
    ArrowUp: step(-1),
    "/": () => box.current?.focus(),
    Enter: () => chosen !== null && onOpen(exchange, chosen, search.tf ?? "5m"),
    Escape: () => setChosen(null),
  });

  return (
    <section aria-label="Signals" className="flex min-h-0 min-w-0 flex-1 flex-col bg-surface">
      <Filters
        search={search}
        exchange={exchange}
        exchanges={exchanges.map((one) => ({ name: one.exchangeName, title: one.displayName }))}
        counts={counts}
        searchRef={box}
        isMoved={isMoved}
        onChange={change}
        onSortAgain={makeAgain}
        onView={(view) => onSearch({ ...view, ...(search.side !== undefined && { side: search.side }) })}
      />
      {instance !== undefined && !isFresh(instance) && (
        <p role="status" className="border-b border-line bg-warn/10 px-4 py-1.5 text-xs">
          <strong className="font-semibold">
            {instance.displayName}: {conditionOf(instance).word.toLowerCase()}.
          </strong>{" "}
          These readings are the last that were committed, not the present.
        </p>
      )}
      <div data-stale={instance !== undefined && !isFresh(instance)} className="flex min-h-0 flex-1 flex-col">
        <div className="live flex min-h-0 flex-1 flex-col">{body()}</div>
      </div>
    </section>
  );

  function body() {
    if (matrix.isError && matrix.data === undefined)
      return <ErrorFace error={matrix.error} onRetry={() => void matrix.refetch()} />;
    if (network.isError && network.data === undefined)
      return <ErrorFace error={network.error} onRetry={() => void network.refetch()} />;
    if (matrix.data === undefined) return <LoadingRows rows={16} />;
    if (matrix.data.items.length === 0)
      return (
        <EmptyFace title={`No symbols on ${instance?.displayName ?? exchange}`}>
          Symbols appear here as soon as an instance watches them.
        </EmptyFace>
      );
    if (rows.length === 0)
      return (
        <EmptyFace title="No symbol passes these filters">
          Clear the text, the tier or the stage to see all {matrix.data.items.length}.
        </EmptyFace>
      );
    return (
      <MatrixGrid
        rows={rows}
        newest={newest}
        chosen={chosen}
        sort={search.sort}
        isDescending={search.desc === true}
        onSort={sortBy}
        onChoose={setChosen}
        onOpen={(symbol, timeframe) => onOpen(exchange, symbol, timeframe)}
      />
    );
  }
}

type Chosen = Readonly<Record<string, string | null>>;

/** The row that was chosen on each exchange, for who comes back from a chart. */
let lastChosen: Chosen = {};

function useChosen(exchange: string): readonly [string | null, (symbol: string | null) => void] {
  const [chosen, setChosen] = useState(lastChosen);
  useEffect(() => {
    lastChosen = chosen;
  }, [chosen]);
  return [chosen[exchange] ?? null, (symbol) => setChosen((old) => ({ ...old, [exchange]: symbol }))];
}

type Rows = Parameters<typeof inOrder>[0];

/** Rows that stay where they are: the list is made when it is asked for, not whenever a number changes. */
function useSteadyRows(all: Rows, search: SignalsSearch, exchange: string) {
  const { sort, desc, stage, tf } = search;
  const key = JSON.stringify([exchange, sort, desc, stage, stage === undefined ? "" : tf, all.length > 0]);
  const [kept, setKept] = useState<{ key: string; list: Kept }>({ key: "", list: { order: [], known: new Set() } });
  const isKept = kept.key === key;
  const list = isKept ? kept.list : keptNow(all, search);
  if (!isKept) setKept({ key, list });
  const rows = useMemo(() => inOrder(all, list, search), [all, list, search]);
  const isMoved =
    ((sort !== undefined && sort !== "symbol") || stage !== undefined) && isKept && isOutdated(all, list, search);
  return { rows, isMoved, makeAgain: () => setKept({ key, list: keptNow(all, search) }) };
}
