/** The symbols page at its address. */
import { getRouteApi, useNavigate } from "@tanstack/react-router";

import { SymbolsPage } from "@/features/symbols/page";

const route = getRouteApi("/symbols");

export function SymbolsRoute() {
  const search = route.useSearch();
  const navigate = useNavigate();
  return (
    <div className="flex h-[calc(100dvh-3rem-3.5rem)] min-h-0 flex-col md:h-[calc(100dvh-3rem)]">
      <SymbolsPage
        search={search}
        onSearch={(next) => void navigate({ to: "/symbols", search: next, replace: true })}
        onChart={(exchange, symbol) =>
          void navigate({ to: "/chart/$exchange/$symbol", params: { exchange, symbol }, search: { tf: "5m" } })
        }
      />
    </div>
  );
}
