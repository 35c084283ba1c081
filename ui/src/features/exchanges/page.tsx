/** The exchanges: what each costs, allows and forbids, and how one's own account on it is connected. */
import { useQuery } from "@tanstack/react-query";

import { Card } from "@/components/ui/card";
import { EmptyFace, ErrorFace, LoadingRows } from "@/components/ui/faces";
import { ExchangeCard } from "@/features/exchanges/exchange-card";
import { OtherExchanges } from "@/features/exchanges/other-exchanges";
import type { ExchangesSearch } from "@/features/exchanges/search";
import { SetUpDrawer } from "@/features/exchanges/set-up";
import { ownExchangesQuery } from "@/lib/resources/account";
import { exchangesQuery } from "@/lib/resources/market";
import { networkQuery } from "@/lib/resources/network";
import { useSession } from "@/lib/session";

interface ExchangesPageProps {
  search: ExchangesSearch;
  onSearch: (search: ExchangesSearch) => void;
}

export function ExchangesPage({ search, onSearch }: ExchangesPageProps) {
  const state = useSession();
  const role = state.phase === "signed-in" ? state.person.role : null;
  const hasAccount = role === "admin" || role === "user";
  const exchanges = useQuery(exchangesQuery);
  const own = useQuery({ ...ownExchangesQuery, enabled: hasAccount });
  const network = useQuery(networkQuery);
  const all = exchanges.data ?? [];
  const watchable = all.filter((one) => one.hasAdapter);
  const others = all.filter((one) => !one.hasAdapter);
  const open = watchable.find((one) => one.name === search.setup);
  return (
    <div className="mx-auto w-full max-w-7xl space-y-4 p-4 md:p-6">
      <h1 className="text-xl font-semibold tracking-tight">Exchanges</h1>
      {exchanges.data === undefined && (
        <Card>
          {exchanges.isError ? (
            <ErrorFace error={exchanges.error} onRetry={() => void exchanges.refetch()} />
          ) : (
            <LoadingRows rows={10} />
          )}
        </Card>
      )}
      {exchanges.data !== undefined && all.length === 0 && (
        <Card>
          <EmptyFace title="No exchanges are known">The database lists none; livermore db apply enters six.</EmptyFace>
        </Card>
      )}
      {own.isError && hasAccount && exchanges.data !== undefined && (
        <Card>
          <ErrorFace error={own.error} onRetry={() => void own.refetch()} />
        </Card>
      )}
      <div className="grid grid-cols-1 gap-4 md:grid-cols-2 xl:grid-cols-3">
        {watchable.map((exchange) => (
          <ExchangeCard
            key={exchange.name}
            exchange={exchange}
            instance={network.data?.items.find((one) => one.exchangeName === exchange.name) ?? null}
            own={hasAccount ? (own.data?.find((one) => one.exchangeName === exchange.name) ?? null) : undefined}
            isOwnKnown={own.data !== undefined}
            isAdmin={role === "admin"}
            onSetUp={() => onSearch({ setup: exchange.name })}
          />
        ))}
      </div>
      {others.length > 0 && <OtherExchanges exchanges={others} />}
      {open !== undefined && hasAccount && own.data !== undefined && (
        <SetUpDrawer
          key={open.name}
          exchange={open}
          own={own.data.find((one) => one.exchangeName === open.name) ?? null}
          onClose={() => onSearch({})}
        />
      )}
    </div>
  );
}
