/** How far the warm-up is, while there is one: that of the whole instance, or that of single symbols. */
import type { Instance } from "@/api/shapes";
import { ProgressBar } from "@/components/command-state";
import type { Totals } from "@/features/symbols/model";
import { count, duration } from "@/lib/format";

export function Warmup({ instance, totals }: { instance: Instance | undefined; totals: Totals }) {
  const warmup = instance?.status?.warmup ?? null;
  const isWhole = warmup !== null && warmup.done < warmup.total && instance?.liveness === "live";
  if (!isWhole && totals.warming === 0 && totals.behind === 0) return null;
  return (
    <div className="live border-b border-line px-4 py-2 text-xs">
      {isWhole && (
        <div className="mb-1 space-y-1.5">
          <p className="num flex flex-wrap justify-between gap-x-4">
            <span className="font-medium">Warm-up</span>
            <span className="text-muted">
              {count(warmup.done)} of {count(warmup.total)} requests
              {warmup.eta !== null && ` · about ${duration(warmup.eta)} left`}
            </span>
          </p>
          <ProgressBar done={warmup.done} total={warmup.total} label="Warm-up" />
        </div>
      )}
      <p className="num flex flex-wrap gap-x-4 text-muted">
        {totals.warming > 0 && <span>{count(totals.warming)} still warming: no alerts of these yet</span>}
        {totals.behind > 0 && <span className="text-warn">{count(totals.behind)} behind the newest candle</span>}
      </p>
    </div>
  );
}
