/** Every command of the last 90 days with what became of it; those of this page are on top from the first moment. */
import { useInfiniteQuery } from "@tanstack/react-query";

import { Button } from "@/components/ui/button";
import { Card, CardHead } from "@/components/ui/card";
import { EmptyFace, ErrorFace, LoadingRows } from "@/components/ui/faces";
import { CommandRow, RequestRow } from "@/features/control/command-row";
import { rowsOf } from "@/features/control/model";
import type { ControlSearch } from "@/features/control/search";
import { useCommandSteps, useOrders, type Wish } from "@/lib/orders";
import { commandsQuery } from "@/lib/resources/commands";

interface HistoryProps {
  exchange: string;
  search: ControlSearch;
  onSearch: (search: ControlSearch) => void;
  onOrder: (wish: Wish) => void;
}

export function History({ exchange, search, onSearch, onOrder }: HistoryProps) {
  const query = useInfiniteQuery(commandsQuery(exchange));
  const orders = useOrders(exchange);
  useCommandSteps(exchange);
  const rows = rowsOf(query.data?.pages.flatMap((page) => page.items) ?? [], orders, search.show);
  const { open: _, ...closed } = search;
  const toggle = (id: string): void => onSearch(search.open === id ? closed : { ...search, open: id });
  return (
    <Card aria-label="Commands" className="min-w-0">
      <CardHead title="Commands" note="of the last 90 days, from the audit">
        <Button
          size="small"
          weight={search.show === "failed" ? "plain" : "quiet"}
          aria-pressed={search.show === "failed"}
          onClick={() => {
            const { show, ...rest } = search;
            onSearch(show === "failed" ? rest : { ...rest, show: "failed" });
          }}
        >
          Failed only
        </Button>
      </CardHead>
      <ol className="divide-y divide-line/70">
        {rows.map(({ key, command, ordered }) =>
          command === null ? (
            ordered !== null && <RequestRow key={key} ordered={ordered} onRepeat={onOrder} />
          ) : (
            <CommandRow
              key={key}
              exchange={exchange}
              command={command}
              isOpen={search.open === command.correlationId}
              onToggle={toggle}
              onRepeat={onOrder}
            />
          ),
        )}
      </ol>
      {query.isError && query.data === undefined && (
        <ErrorFace error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.isPending && <LoadingRows rows={10} />}
      {query.data !== undefined && rows.length === 0 && (
        <EmptyFace title={search.show === "failed" ? "No command has failed" : "No command has been sent"}>
          {search.show === "failed"
            ? "Of those that have been fetched; older ones may have."
            : "Whatever is ordered here, on the command line or by a program is listed, with what became of it."}
        </EmptyFace>
      )}
      {query.hasNextPage && (
        <div className="border-t border-line/70 p-3 text-center">
          <Button
            size="small"
            weight="quiet"
            disabled={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {query.isFetchingNextPage ? "Fetching older ones" : "Older commands"}
          </Button>
        </div>
      )}
    </Card>
  );
}
