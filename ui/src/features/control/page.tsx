/** The control panel of one exchange: what can be ordered of its instance, and what became of every order. */
import { useQuery } from "@tanstack/react-query";

import { ErrorFace, LoadingRows } from "@/components/ui/faces";
import { Card } from "@/components/ui/card";
import { Segments } from "@/components/ui/tabs";
import { Deeds } from "@/features/control/deeds";
import { History } from "@/features/control/history";
import { InstanceState } from "@/features/control/instance-state";
import type { ControlSearch } from "@/features/control/search";
import { useOrder } from "@/lib/orders";
import { Problem } from "@/lib/problem";
import { networkQuery } from "@/lib/resources/network";
import { useIsAdmin } from "@/lib/session";

interface ControlPageProps {
  search: ControlSearch;
  onSearch: (search: ControlSearch) => void;
}

export function ControlPage({ search, onSearch }: ControlPageProps) {
  const isAdmin = useIsAdmin();
  const network = useQuery(networkQuery);
  const instances = network.data?.items ?? [];
  const exchange = search.exchange ?? instances[0]?.exchangeName ?? "";
  const instance = instances.find((one) => one.exchangeName === exchange);
  const order = useOrder(exchange);
  return (
    <div className="mx-auto w-full max-w-7xl space-y-4 p-4 md:p-6">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h1 className="text-xl font-semibold tracking-tight">Control panel</h1>
        {isAdmin && instances.length > 0 && (
          <Segments
            label="Exchange"
            value={exchange}
            options={instances.map((one) => ({ value: one.exchangeName, label: one.displayName }))}
            onChange={(next) => onSearch({ exchange: next, ...(search.show !== undefined && { show: search.show }) })}
          />
        )}
      </header>
      {body()}
    </div>
  );

  function body() {
    if (!isAdmin) {
      return (
        <Card>
          <ErrorFace error={new Problem(403, "Forbidden", "Commands are for administrators.")} />
        </Card>
      );
    }
    if (network.data === undefined) {
      return (
        <Card>
          {network.isError ? (
            <ErrorFace error={network.error} onRetry={() => void network.refetch()} />
          ) : (
            <LoadingRows rows={8} />
          )}
        </Card>
      );
    }
    return (
      <div className="grid items-start gap-4 lg:grid-cols-[22rem_minmax(0,1fr)]">
        <div className="space-y-4">
          <InstanceState key={exchange} exchange={exchange} instance={instance} onOrder={order} />
          <Deeds key={`deeds ${exchange}`} exchange={exchange} mode={instance?.status?.mode ?? null} onOrder={order} />
        </div>
        <History exchange={exchange} search={search} onSearch={onSearch} onOrder={order} />
      </div>
    );
  }
}
