/** The way of an alert, from the close of its candle to the people who were told, with the time between the steps. */
import { Card, CardHead } from "@/components/ui/card";
import { FullTime } from "@/components/ui/time";
import { Timeline, TimelineStep } from "@/components/ui/timeline";
import { delayOf, momentsOf } from "@/features/alerts/model";
import { milliseconds } from "@/lib/format";
import type { Provenance } from "@/lib/resources/provenance";

/** The time between two steps; two clocks may disagree, and then it is below zero. */
function between(after: number | null): string | null {
  if (after === null) return null;
  return after < 0 ? milliseconds(after) : `+${milliseconds(after)}`;
}

export function Way({ provenance }: { provenance: Provenance }) {
  const moments = momentsOf(provenance);
  const delay = delayOf(provenance.alert);
  return (
    <Card aria-label="Its way">
      <CardHead
        title="Its way"
        note={delay === null ? undefined : `committed ${milliseconds(delay)} after the candle closed`}
      />
      <div className="p-4">
        <Timeline label="Steps">
          {moments.map((moment) => (
            <TimelineStep
              key={moment.key}
              title={moment.title}
              note={moment.note}
              at={moment.at === null ? "not yet" : <FullTime at={moment.at} />}
              after={between(moment.after)}
              tone={moment.tone}
              isOpen={moment.isOpen}
            />
          ))}
        </Timeline>
      </div>
      <p className="border-t border-line px-4 py-2 text-2xs text-faint">
        The first instant is the exchange's, up to the commit they are the instance's
        {provenance.instanceId === null ? "" : ` (${provenance.instanceId}, epoch ${provenance.epoch})`}, then the
        server's: clocks may differ by a few milliseconds.
      </p>
    </Card>
  );
}
