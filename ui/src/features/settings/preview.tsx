/** How often the thresholds as they are written would have fired in the last seven days, beside those that are saved. */
import { useMutation } from "@tanstack/react-query";
import { FlaskConical } from "lucide-react";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { isObject, type Json } from "@/features/settings/document";
import { count, happening } from "@/lib/format";
import { Problem } from "@/lib/problem";
import { previewAlerts, type Preview } from "@/lib/resources/settings";

export function ThresholdPreview({ saved, draft }: { saved: Json | undefined; draft: Json | undefined }) {
  // One after the other: the server computes one preview at a time.
  const run = useMutation({
    mutationFn: async () => ({
      before: await previewAlerts(isObject(saved) ? saved : {}),
      after: await previewAlerts(isObject(draft) ? draft : {}),
      draft,
    }),
  });
  const isOld = run.data !== undefined && run.data.draft !== draft;
  return (
    <section aria-label="Preview" className="space-y-3 border-t border-line px-4 py-3" aria-live="polite">
      <div className="flex flex-wrap items-center gap-3">
        <Button size="small" disabled={run.isPending} onClick={() => run.mutate()}>
          <FlaskConical aria-hidden="true" /> {run.isPending ? "Computing over seven days" : "Try these thresholds"}
        </Button>
        {run.isError && (
          <span className="text-xs text-bad">✕ {Problem.of(run.error).detail || Problem.of(run.error).title}</span>
        )}
        {isOld && <Badge tone="warn">◔ of thresholds that were changed since</Badge>}
      </div>
      {run.data !== undefined && <Outcome before={run.data.before} after={run.data.after} />}
    </section>
  );
}

function Outcome({ before, after }: { before: Preview; after: Preview }) {
  const keys = [...new Set([...before.fired, ...after.fired].map((one) => `${one.timeframe} ${one.label}`))];
  const of = (preview: Preview, key: string): number =>
    preview.fired.find((one) => `${one.timeframe} ${one.label}` === key)?.count ?? 0;
  return (
    <>
      <p className="text-sm">
        Would have fired <strong className="num">{count(after.total)}</strong> times in the last seven days on{" "}
        {count(after.symbols)} symbols; as saved, <span className="num">{count(before.total)}</span>.
      </p>
      {after.isApproximate && (
        <p className="text-xs text-warn">
          About so: {after.symbolsLeftOut > 0 && `${after.symbolsLeftOut} symbols were left out for lack of time; `}
          candles reach back {after.coverage.map((one) => `${one.days} d on ${one.timeframe}`).join(", ")}.
        </p>
      )}
      <table className="num w-full max-w-md text-xs [&_td]:py-0.5 [&_th]:py-0.5 [&_th]:font-medium">
        <thead className="text-left text-faint">
          <tr>
            <th scope="col">Timeframe</th>
            <th scope="col">Alert</th>
            <th scope="col" className="text-right">
              Saved
            </th>
            <th scope="col" className="text-right">
              Draft
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => {
            const [timeframe = "", label = ""] = key.split(" ");
            return (
              <tr key={key}>
                <td>{timeframe}</td>
                <td>{happening(label)}</td>
                <td className="text-right text-muted">{count(of(before, key))}</td>
                <td className="text-right font-medium">{count(of(after, key))}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </>
  );
}
