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
  const isSimulated = provenance.alert.simulated;
  return (
    <Card aria-label="Its way">
      <CardHead
        title="Its way"
        note={
          delay === null
            ? undefined
            : `committed ${milliseconds(delay)} after the candle closed${isSimulated ? ", by the market's clock" : ""}`
        }
      />
      <div className="p-4">
        <Timeline label="Steps">
          {moments.map((moment) => (
            <TimelineStep
              key={moment.key}
              title={moment.title}
              note={moment.isServers ? [moment.note, "by the server's clock"].filter(Boolean).join(" · ") : moment.note}
              at={moment.at === null ? "not yet" : <FullTime at={moment.at} />}
              after={between(moment.after)}
              tone={moment.tone}
              isOpen={moment.isOpen}
            />
          ))}
        </Timeline>
      </div>
      <p className="border-t border-line px-4 py-2 text-2xs text-faint">
        {isSimulated
          ? "This market is simulated: up to the commit the instants are by its own clock, which may run faster than ours; what the server did is by ours, and no difference is told between the two."
          : "The first instant is the exchange's, up to the commit they are the instance's, then the server's: clocks may differ by a few milliseconds."}
        {provenance.instanceId !== null && ` Instance ${provenance.instanceId}, epoch ${provenance.epoch}.`}
      </p>
    </Card>
  );
}
