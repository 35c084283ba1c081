/** The network page at its address. */
import { getRouteApi, useNavigate } from "@tanstack/react-router";

import { NetworkPage } from "@/features/network/page";

const route = getRouteApi("/network");

export function NetworkRoute() {
  const search = route.useSearch();
  const navigate = useNavigate();
  return (
    <NetworkPage search={search} onSearch={(next) => void navigate({ to: "/network", search: next, replace: true })} />
  );
}
