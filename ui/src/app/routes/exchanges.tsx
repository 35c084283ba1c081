/** The exchanges page at its address. */
import { getRouteApi, useNavigate } from "@tanstack/react-router";

import { ExchangesPage } from "@/features/exchanges/page";

const route = getRouteApi("/exchanges");

export function ExchangesRoute() {
  const search = route.useSearch();
  const navigate = useNavigate();
  return (
    <ExchangesPage
      search={search}
      onSearch={(next) => void navigate({ to: "/exchanges", search: next, replace: true })}
    />
  );
}
