/** What became of the alert: the calculation done once more, and who was told, with another try where that failed. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { RefreshCw, RotateCcw } from "lucide-react";
import { toast } from "sonner";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, CardHead } from "@/components/ui/card";
import { EmptyFace } from "@/components/ui/faces";
import { ListTime } from "@/components/ui/time";
import { verdictOf } from "@/features/alerts/model";
import type { Tone } from "@/lib/colours";
import { Problem } from "@/lib/problem";
import { provenanceQuery, reevaluate, retryDelivery, type Delivery, type Provenance } from "@/lib/resources/provenance";

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

const TONES: Readonly<Record<Delivery["status"], Tone>> = {
  delivered: "good",
  pending: "busy",
  failed: "bad",
  suppressed: "off",
};
const MARKS: Readonly<Record<Delivery["status"], string>> = {
  delivered: "✓",
  pending: "…",
  failed: "✕",
  suppressed: "–",
};

export function Deliveries({ id, deliveries }: { id: string; deliveries: readonly Delivery[] }) {
  return (
    <Card aria-label="Deliveries">
      <CardHead title="Deliveries" note={deliveries.length === 0 ? undefined : "your own; an admin sees all"} />
      {deliveries.length === 0 ? (
        <EmptyFace title="Nobody was told">Channels are set up under Settings, in the part on notifications.</EmptyFace>
      ) : (
        <ul>
          {deliveries.map((one) => (
            <DeliveryRow key={one.id} id={id} delivery={one} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function DeliveryRow({ id, delivery }: { id: string; delivery: Delivery }) {
  const client = useQueryClient();
  const retry = useMutation({
    mutationFn: () => retryDelivery(delivery.id),
    onSettled: () => client.invalidateQueries({ queryKey: provenanceQuery(id).queryKey }),
    onError: (error) => toast.error(`Not tried again: ${Problem.of(error).detail || Problem.of(error).title}`),
  });
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line/70 px-4 py-2.5 text-xs last:border-b-0">
      <Badge tone={TONES[delivery.status]}>
        {MARKS[delivery.status]} {delivery.status}
      </Badge>
      <span className="font-medium break-words [overflow-wrap:anywhere]">{delivery.channel}</span>
      <span className="text-faint">
        {delivery.statusTold}
        {delivery.silent && " · without a sound"}
        {delivery.attempts > 0 && ` · ${delivery.attempts} ${delivery.attempts === 1 ? "try" : "tries"}`}
      </span>
      <span className="ml-auto text-faint">
        <ListTime at={delivery.finishedAt ?? delivery.createdAt} />
      </span>
      {delivery.status === "failed" && (
        <Button size="small" disabled={retry.isPending} onClick={() => retry.mutate()}>
          <RotateCcw aria-hidden="true" /> {retry.isPending ? "Requested" : "Try again"}
        </Button>
      )}
      {delivery.reason !== null && (
        <p className="w-full break-words text-muted [overflow-wrap:anywhere]">{delivery.reason}</p>
      )}
    </li>
  );
}
