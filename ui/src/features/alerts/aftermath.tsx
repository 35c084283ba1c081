/** What became of the alert: the calculation done once more, and who was told, with another try where that failed. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { toast } from "sonner";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, CardHead } from "@/components/ui/card";
import { EmptyFace } from "@/components/ui/faces";
import { ListTime } from "@/components/ui/time";
import { DeliveryRow } from "@/features/alerts/delivery-row";
import { verdictOf } from "@/features/alerts/model";
import { Problem } from "@/lib/problem";
import { provenanceQuery, reevaluate, type Delivery, type Provenance } from "@/lib/resources/provenance";

export function Verdict({ id, found }: { id: string; found: Provenance["reevaluation"] }) {
  const client = useQueryClient();
  const again = useMutation({
    mutationFn: () => reevaluate(id),
    onSuccess: (reevaluation) =>
      client.setQueryData(provenanceQuery(id).queryKey, (old) => (old === undefined ? old : { ...old, reevaluation })),
    onError: (error) => toast.error(`Not computed: ${Problem.of(error).detail || Problem.of(error).title}`),
  });
  const { word, tone } = verdictOf(found.outcome);
  return (
    <Card aria-label="Computed once more">
      <CardHead title="Computed once more">
        <Button size="small" disabled={again.isPending} onClick={() => again.mutate()}>
          <RefreshCw aria-hidden="true" className={again.isPending ? "animate-spin" : ""} />
          {again.isPending ? "Computing" : "Again"}
        </Button>
      </CardHead>
      <div className="space-y-2 p-4 text-xs" aria-live="polite">
        <Badge tone={tone}>
          {found.outcome === "equal" ? "✓" : found.outcome === "different" ? "≠" : "?"} {word}
        </Badge>
        <ul className="space-y-1 text-muted">
          {found.reasons.map((reason) => (
            <li key={reason} className="break-words [overflow-wrap:anywhere]">
              {reason}
            </li>
          ))}
        </ul>
        <p className="text-faint">From the candles that are stored, by the calculation of the instance.</p>
        {again.isSuccess && (
          <p className="text-faint">
            Computed at <ListTime at={again.submittedAt} />
          </p>
        )}
      </div>
    </Card>
  );
}

export function Deliveries({ deliveries }: { deliveries: readonly Delivery[] }) {
  return (
    <Card aria-label="Deliveries">
      <CardHead title="Deliveries" note={deliveries.length === 0 ? undefined : "your own; an admin sees all"} />
      {deliveries.length === 0 ? (
        <EmptyFace title="Nobody was told">Channels are set up under Settings, in the part on notifications.</EmptyFace>
      ) : (
        <ul>
          {deliveries.map((one) => (
            <DeliveryRow key={one.id} delivery={one} />
          ))}
        </ul>
      )}
    </Card>
  );
}
