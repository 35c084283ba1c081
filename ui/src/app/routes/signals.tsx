/** The matrix with the alerts beside it. */
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { AlertList } from "@/features/alerts/alert-list";
import { useAlerts } from "@/features/alerts/use-alerts";
import { Signals } from "@/features/signals/page";
import { Segments } from "@/components/ui/tabs";
import { classes } from "@/lib/classes";

const ALL = {};
const route = getRouteApi("/signals");

export function SignalsRoute() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const alerts = useAlerts(ALL);
  const [part, setPart] = useState<"matrix" | "alerts">("matrix");
  return (
    <div className="flex h-[calc(100dvh-3rem-3.5rem)] min-h-0 flex-col md:h-[calc(100dvh-3rem)] md:flex-row">
      <div className="flex justify-center border-b border-line bg-surface p-2 xl:hidden">
        <Segments
          label="Part"
          value={part}
          options={[
            { value: "matrix", label: "Matrix" },
            { value: "alerts", label: "Alerts" },
          ]}
          onChange={setPart}
        />
      </div>
      <div className={classes("flex min-h-0 min-w-0 flex-1", part === "alerts" && "hidden xl:flex")}>
        <Signals
          search={search}
          onSearch={(next) => void navigate({ to: "/signals", search: next, replace: true })}
          onOpen={(exchange, symbol, tf) =>
            void navigate({ to: "/chart/$exchange/$symbol", params: { exchange, symbol }, search: { tf } })
          }
        />
      </div>
      <div
        className={classes(
          "min-h-0 w-full shrink-0 border-line bg-surface xl:block xl:w-88 xl:border-l",
          part === "matrix" && "hidden",
          part === "alerts" && "flex-1 xl:flex-none",
        )}
      >
        <AlertList alerts={alerts} />
      </div>
    </div>
  );
}
