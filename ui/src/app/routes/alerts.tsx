/** The list of alerts at its address. */
import { getRouteApi, useNavigate } from "@tanstack/react-router";

import { LedgerPage } from "@/features/alerts/ledger-page";

const route = getRouteApi("/alerts");

export function AlertsRoute() {
  const search = route.useSearch();
  const navigate = useNavigate();
  return (
    <LedgerPage search={search} onSearch={(next) => void navigate({ to: "/alerts", search: next, replace: true })} />
  );
}
