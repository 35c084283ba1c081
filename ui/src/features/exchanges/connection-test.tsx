/** Ask the instance whether it reaches the exchange and has the credentials; only it can know. */
import { useQueryClient } from "@tanstack/react-query";
import { PlugZap } from "lucide-react";

import { CommandBadge, useFollowed } from "@/components/command-state";
import { Button } from "@/components/ui/button";
import { findingsOf } from "@/features/exchanges/model";
import { classes } from "@/lib/classes";
import { useCommandSteps, useOrder, useOrders, type Ordered } from "@/lib/orders";
import { isOver, type Command } from "@/lib/resources/commands";
import { ownExchangesQuery } from "@/lib/resources/account";

export function ConnectionTest({ exchange }: { exchange: string }) {
  const client = useQueryClient();
  const order = useOrder(exchange);
  const latest = useOrders(exchange).find(
    ({ order: { wish } }) => wish.kind === "command" && wish.type === "test-connection",
  );
  useCommandSteps(exchange, (command) => {
    if (command.correlationId === latest?.command?.correlationId)
      void client.invalidateQueries({ queryKey: ownExchangesQuery.queryKey });
  });
  return (
    <>
      <Button
        size="small"
        weight="quiet"
        onClick={() => order({ kind: "command", type: "test-connection", payload: {} })}
        title="The instance tries it, with the variables that are set where it runs"
      >
        <PlugZap aria-hidden="true" /> Test connection
      </Button>
      {latest !== undefined && (
        <div className="w-full rounded-md border border-line bg-sunken/50 px-3 py-2" role="status">
          {latest.command === null ? (
            <Unanswered ordered={latest} />
          ) : (
            <Answered exchange={exchange} command={latest.command} />
          )}
        </div>
      )}
    </>
  );
}

function Unanswered({ ordered: { problem } }: { ordered: Ordered }) {
  return (
    <p className="flex flex-wrap items-center gap-2">
      <CommandBadge step={problem === null ? "requested" : problem.status === 503 ? "unheard" : "failed"} />
      <span className={classes("min-w-0 break-words text-muted", problem !== null && "text-bad")}>
        {problem === null ? "no instance has acknowledged it yet" : problem.detail || problem.title}
      </span>
    </p>
  );
}

function Answered({ exchange, command: first }: { exchange: string; command: Command }) {
  const command = useFollowed(exchange, first);
  const findings = findingsOf(command);
  return (
    <>
      <p className="flex flex-wrap items-center gap-2">
        <CommandBadge step={command.step} />
        <span className={classes("min-w-0 break-words text-muted", command.error !== null && "text-bad")}>
          {command.error?.message ?? (isOver(command.step) ? "" : "an instance has it")}
        </span>
      </p>
      {findings.length > 0 && (
        <dl className="num mt-2 grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-0.5">
          {findings.map((one) => (
            <div key={one.name} className="contents">
              <dt className="text-faint">{one.name}</dt>
              <dd className="break-words">{one.value}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}
