/** The network: a card for each exchange's instance, the line they form, and what happened to them. */
import { useQuery } from "@tanstack/react-query";

import { EmptyFace, ErrorFace, LoadingRows } from "@/components/ui/faces";
import { Card } from "@/components/ui/card";
import { ActivityFeed } from "@/features/network/activity-feed";
import { InstanceCard } from "@/features/network/instance-card";
import type { NetworkSearch } from "@/features/network/search";
import { Topology } from "@/features/network/topology";
import { useIsLost } from "@/lib/lost";
import { networkQuery } from "@/lib/resources/network";
import { useRole } from "@/lib/session";

interface NetworkPageProps {
  search: NetworkSearch;
  onSearch: (search: NetworkSearch) => void;
}

export function NetworkPage({ search, onSearch }: NetworkPageProps) {
  const network = useQuery(networkQuery);
  const isLost = useIsLost();
  const role = useRole();
  // It names hosts and people, and is refused to subscribers: what is known to be refused is not asked for.
  const mayReadActivity = role === "admin" || role === "user";
  const instances = network.data?.items ?? [];
  return (
    <div className="mx-auto w-full max-w-7xl space-y-4 p-4 md:p-6">
      <h1 className="text-xl font-semibold tracking-tight">Network</h1>
      {network.isError && network.data === undefined && (
        <Card>
          <ErrorFace error={network.error} onRetry={() => void network.refetch()} />
        </Card>
      )}
      {network.isPending && (
        <Card>
          <LoadingRows rows={6} />
        </Card>
      )}
      {network.data !== undefined && instances.length === 0 && (
        <Card>
          <EmptyFace title="No exchanges are known">The database lists none.</EmptyFace>
        </Card>
      )}
      {instances.length > 0 && (
        <>
          <Topology instances={instances} isLinked={!isLost} />
          <div className="grid grid-cols-1 gap-4 md:grid-cols-2 xl:grid-cols-3">
            {instances.map((instance) => (
              <InstanceCard key={instance.exchangeId} instance={instance} />
            ))}
          </div>
        </>
      )}
      {mayReadActivity && (
        <ActivityFeed
          search={search}
          onSearch={onSearch}
          exchanges={instances.map((one) => ({ name: one.exchangeName, title: one.displayName }))}
        />
      )}
    </div>
  );
}
