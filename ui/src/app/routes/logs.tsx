/** The logs at their address. */
import { getRouteApi, useNavigate } from "@tanstack/react-router";

import { LogsPage } from "@/features/logs/page";

const route = getRouteApi("/logs");

export function LogsRoute() {
  const search = route.useSearch();
  const navigate = useNavigate();
  return <LogsPage search={search} onSearch={(next) => void navigate({ to: "/logs", search: next, replace: true })} />;
}
