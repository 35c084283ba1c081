/** What became of one telling, and another try where it was given up. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { RotateCcw } from "lucide-react";
import type { ReactNode } from "react";
import { toast } from "sonner";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { ListTime } from "@/components/ui/time";
import type { Tone } from "@/lib/colours";
import { Problem } from "@/lib/problem";
import { provenanceQuery, retryDelivery, type Delivery } from "@/lib/resources/provenance";

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

export function DeliveryRow({ delivery, children }: { delivery: Delivery; children?: ReactNode }) {
  const client = useQueryClient();
  const retry = useMutation({
    mutationFn: () => retryDelivery(delivery.id),
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: provenanceQuery(delivery.alertId).queryKey });
      await client.invalidateQueries({ queryKey: ["deliveries"] });
    },
    onError: (error) => toast.error(`Not tried again: ${Problem.of(error).detail || Problem.of(error).title}`),
  });
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line/70 px-4 py-2.5 text-xs last:border-b-0">
      <Badge tone={TONES[delivery.status]}>
        {MARKS[delivery.status]} {delivery.status}
      </Badge>
      {children}
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
