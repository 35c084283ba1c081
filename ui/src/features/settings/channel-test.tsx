/** Send a message on trial on each channel as it is saved: whether it is taken is known before it matters. */
import { useMutation } from "@tanstack/react-query";
import { Send } from "lucide-react";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { channelsIn, type Channel, type Json } from "@/features/settings/document";
import { Problem } from "@/lib/problem";
import { tryChannel } from "@/lib/resources/settings";

export function ChannelTests({ saved, draft }: { saved: Json | undefined; draft: Json | undefined }) {
  const known = channelsIn(saved);
  const unsaved = channelsIn(draft).filter(({ id }) => !known.some((one) => one.id === id)).length;
  if (known.length === 0 && unsaved === 0) return null;
  return (
    <section aria-label="Messages on trial" className="space-y-2 border-t border-line px-4 py-3">
      {known.map((channel) => (
        <ChannelTest key={channel.id} channel={channel} />
      ))}
      {unsaved > 0 && <p className="text-xs text-faint">A channel can be tried once it is saved.</p>}
    </section>
  );
}

function ChannelTest({ channel }: { channel: Channel }) {
  const run = useMutation({ mutationFn: () => tryChannel(channel.id) });
  return (
    <div className="flex flex-wrap items-center gap-3 text-xs" aria-live="polite">
      <Button
        size="small"
        disabled={run.isPending}
        aria-label={`Send a test on ${channel.name}`}
        onClick={() => run.mutate()}
      >
        <Send aria-hidden="true" /> {run.isPending ? "Sending" : "Send a test"}
      </Button>
      <span className="font-medium">{channel.name}</span>
      {run.isError && <Badge tone="bad">✕ {Problem.of(run.error).detail || Problem.of(run.error).title}</Badge>}
      {run.data?.delivered === true && <Badge tone="good">✓ taken: look whether it has come</Badge>}
      {run.data?.delivered === false && <Badge tone="bad">✕ {run.data.reason ?? "not taken"}</Badge>}
    </div>
  );
}
