/** The control panel at its address. */
import { getRouteApi, useNavigate } from "@tanstack/react-router";

import { ControlPage } from "@/features/control/page";

const route = getRouteApi("/control");

export function ControlRoute() {
  const search = route.useSearch();
  const navigate = useNavigate();
  return (
    <ControlPage search={search} onSearch={(next) => void navigate({ to: "/control", search: next, replace: true })} />
  );
}
