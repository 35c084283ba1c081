/** Every step that a command has taken, with its instant and who took it: the audit's own account. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { stepWord } from "@/components/command-state";
import { FullTime } from "@/components/ui/time";
import { Problem } from "@/lib/problem";
import { stepsQuery, type Command, type StepTaken } from "@/lib/resources/commands";

export function CommandSteps({ exchange, command }: { exchange: string; command: Command }) {
  const query = useQuery({
    ...stepsQuery(exchange, command.correlationId, command.step),
    placeholderData: keepPreviousData,
  });
  if (query.data === undefined) {
    const { failureReason } = query;
    if (failureReason === null) return null;
    return <p className="text-xs text-muted">Its steps are not to be had now: {Problem.of(failureReason).title}</p>;
  }
  return (
    <section>
      <h3 className="mb-1 text-2xs text-faint">Steps</h3>
      <ol aria-label="Steps of the command" className="space-y-0.5 text-xs">
        {query.data.map((taken, at) => (
          <Taken key={at} taken={taken} />
        ))}
      </ol>
    </section>
  );
}

function Taken({ taken }: { taken: StepTaken }) {
  return (
    <li className="grid gap-x-3 sm:grid-cols-[7rem_minmax(0,1fr)_minmax(0,1fr)]">
      <span>{stepWord(taken.step)}</span>
      <span className="num text-muted">
        <FullTime at={taken.time} />
      </span>
      <span className="truncate text-muted">
        {taken.instanceId === null ? "by the sender" : `by instance ${taken.instanceId}`}
        {taken.epoch !== null && ` in epoch ${taken.epoch}`}
        {taken.error !== null && <span className="text-bad"> {taken.error.message}</span>}
      </span>
    </li>
  );
}
