/** What stands below a list of alerts: older ones on demand, or why there are none. */
import { Button } from "@/components/ui/button";
import type { Alerts } from "@/features/alerts/use-alerts";
import { count } from "@/lib/format";
import { KEPT } from "@/lib/resources/alerts";

interface OlderProps {
  query: Alerts["query"];
  isFull: boolean;
}

export function Older({ query, isFull }: OlderProps) {
  if (!query.hasNextPage) return null;
  if (isFull)
    return (
      <p className="p-3 text-center text-xs text-faint">
        {count(KEPT)} are kept here: filter the alerts to read further back.
      </p>
    );
  return (
    <div className="p-3 text-center">
      <Button
        size="small"
        weight="quiet"
        disabled={query.isFetchingNextPage}
        onClick={() => void query.fetchNextPage()}
      >
        {query.isFetchingNextPage ? "Fetching older ones" : query.isFetchNextPageError ? "Try again" : "Older alerts"}
      </Button>
    </div>
  );
}
