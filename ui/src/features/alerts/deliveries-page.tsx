/** What people were told of alerts and what not, the newest first; what was given up can be tried again from here. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { RotateCcw } from "lucide-react";
import type { ReactNode } from "react";
import { toast } from "sonner";

import { Button } from "@/components/ui/button";
import { EmptyFace, ErrorFace, LoadingRows } from "@/components/ui/faces";
import { Select } from "@/components/ui/input";
import { AlertGlyph } from "@/components/ui/stage-glyph";
import { DeliveryRow } from "@/features/alerts/delivery-row";
import { TOLD, type AlertsSearch } from "@/features/alerts/search";
import { happening } from "@/lib/format";
import { Problem } from "@/lib/problem";
import { deliveriesQuery } from "@/lib/resources/deliveries";
import { alertQuery, retryDelivery, type Delivery } from "@/lib/resources/provenance";

type Told = NonNullable<AlertsSearch["told"]>;

const WORDS: Readonly<Record<Told, string>> = {
  all: "All of them",
  pending: "Waiting",
  failed: "Given up",
  delivered: "Told",
  suppressed: "Left out",
};
const NONE: Readonly<Record<Told, string>> = {
  all: "Nobody was told of anything yet",
  pending: "Nothing waits to be told",
  failed: "Nothing was given up",
  delivered: "Nobody was told of anything yet",
  suppressed: "Nothing was left out",
};

interface DeliveriesPageProps {
  told: Told;
  onTold: (told: Told) => void;
  children: ReactNode;
}

export function DeliveriesPage({ told, onTold, children }: DeliveriesPageProps) {
  const query = useInfiniteQuery(deliveriesQuery(told === "all" ? null : told));
  const deliveries = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="flex h-[calc(100dvh-3rem-3.5rem)] min-h-0 flex-col bg-surface md:h-[calc(100dvh-3rem)]">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4 py-2.5">
        <h1 className="text-base font-semibold">Deliveries</h1>
        {children}
        <div className="ml-auto flex items-center gap-2">
          <TryAll given={deliveries.filter((one) => one.status === "failed")} />
          <Select
            label="What became of them"
            value={told}
            options={TOLD.map((one) => ({ value: one, label: WORDS[one] }))}
            onChange={(value) => onTold(TOLD.find((one) => one === value) ?? "all")}
            className="w-36"
          />
        </div>
      </header>
      <div className="live min-h-0 flex-1 overflow-auto overscroll-contain">
        {query.isError && query.data === undefined && (
          <ErrorFace error={query.error} onRetry={() => void query.refetch()} />
        )}
        {query.isPending && <LoadingRows rows={12} />}
        {query.data !== undefined && deliveries.length === 0 && (
          <EmptyFace title={NONE[told]}>Channels are set up under Settings, in the part on notifications.</EmptyFace>
        )}
        <ul aria-label="Deliveries">
          {deliveries.map((one) => (
            <DeliveryRow key={one.id} delivery={one}>
              <AlertName id={one.alertId} />
            </DeliveryRow>
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
              {query.isFetchingNextPage ? "Fetching older ones" : "Older deliveries"}
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

/** The alert that a delivery is of, by what it says; it is known by its id alone until then. */
function AlertName({ id }: { id: string }) {
  const { data } = useQuery({ ...alertQuery(id), staleTime: Infinity });
  return (
    <Link to="/alerts/$id" params={{ id }} className="flex items-center gap-2 font-medium hover:underline">
      {data === undefined ? (
        "the alert"
      ) : (
        <>
          <AlertGlyph label={data.label} />
          {data.symbol} {data.timeframe} {happening(data.label)}
        </>
      )}
    </Link>
  );
}

/** Once more for all that were given up and are in sight, one after the other. */
function TryAll({ given }: { given: readonly Delivery[] }) {
  const client = useQueryClient();
  const retry = useMutation({
    mutationFn: async () => {
      for (const one of given) await retryDelivery(one.id);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["deliveries"] }),
    onError: (error) => toast.error(`Not all are tried again: ${Problem.of(error).detail || Problem.of(error).title}`),
  });
  if (given.length < 2) return null;
  return (
    <Button size="small" disabled={retry.isPending} onClick={() => retry.mutate()}>
      <RotateCcw aria-hidden="true" /> {retry.isPending ? "Requested" : `Try these ${given.length} again`}
    </Button>
  );
}
