/** The portfolio at its address. */
import { getRouteApi, useNavigate } from "@tanstack/react-router";

import { PortfolioPage } from "@/features/portfolio/page";

const route = getRouteApi("/portfolio");

export function PortfolioRoute() {
  const search = route.useSearch();
  const navigate = useNavigate();
  return (
    <PortfolioPage
      search={search}
      onSearch={(next) => void navigate({ to: "/portfolio", search: next, replace: true })}
    />
  );
}
