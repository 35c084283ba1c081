/** The matrix with the alerts, or with what differs between exchanges, beside it. */
import { getRouteApi, useNavigate } from "@tanstack/react-router";

import { AlertList } from "@/features/alerts/alert-list";
import { useAlerts } from "@/features/alerts/use-alerts";
import { CrossPanel } from "@/features/cross/panel";
import { Signals } from "@/features/signals/page";
import type { SignalsSearch } from "@/features/signals/search";
import { Segments } from "@/components/ui/tabs";
import { useMedia } from "@/lib/media";

const ALL = {};
const route = getRouteApi("/signals");

type Part = "matrix" | "alerts" | "cross";

const SIDES = [
  { value: "alerts", label: "Alerts" },
  { value: "cross", label: "Across exchanges" },
] as const;

export function SignalsRoute() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const isWide = useMedia("(min-width: 80rem)");
  const part: Part = search.side ?? (isWide ? "alerts" : "matrix");
  const show = (next: SignalsSearch): void => void navigate({ to: "/signals", search: next, replace: true });
  const turn = (to: Part): void => {
    const { side: _, ...rest } = search;
    show(to === "matrix" ? rest : { ...rest, side: to });
  };
  const side = part === "cross" ? <CrossPanel /> : <Alerts />;
  return (
    <div className="flex h-[calc(100dvh-3rem-3.5rem)] min-h-0 flex-col md:h-[calc(100dvh-3rem)] xl:flex-row">
      <h1 className="sr-only">Signals</h1>
      {!isWide && (
        <div className="flex justify-center border-b border-line bg-surface p-2">
          <Segments
            label="Part"
            value={part}
            options={[{ value: "matrix", label: "Matrix" }, ...SIDES]}
            onChange={turn}
          />
        </div>
      )}
      {(isWide || part === "matrix") && (
        <div className="flex min-h-0 min-w-0 flex-1">
          <Signals
            search={search}
            onSearch={show}
            onOpen={(exchange, symbol, tf) =>
              void navigate({ to: "/chart/$exchange/$symbol", params: { exchange, symbol }, search: { tf } })
            }
          />
        </div>
      )}
      {isWide ? (
        <div className="flex min-h-0 w-88 shrink-0 flex-col border-l border-line bg-surface">
          <div className="border-b border-line px-3 py-2">
            <Segments
              label="Beside the matrix"
              value={part === "cross" ? "cross" : "alerts"}
              options={SIDES}
              onChange={turn}
            />
          </div>
          <div className="min-h-0 flex-1">{side}</div>
        </div>
      ) : (
        part !== "matrix" && <div className="min-h-0 flex-1 bg-surface">{side}</div>
      )}
    </div>
  );
}

function Alerts() {
  return <AlertList alerts={useAlerts(ALL)} />;
}
