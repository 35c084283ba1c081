/** One exchange that Livermore can watch. */
import { Globe, KeyRound, Star, TriangleAlert } from "lucide-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { toast } from "sonner";

import type { Exchange, Instance, Status } from "@/api/shapes";
import { ProgressBar } from "@/components/command-state";
import { StateBadge } from "@/components/state-badge";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/faces";
import { Age } from "@/components/ui/time";
import { ConnectionTest } from "@/features/exchanges/connection-test";
import { connectionOf, excessOf, feeOf, geographyOf, limitsOf } from "@/features/exchanges/model";
import { classes } from "@/lib/classes";
import { conditionOf } from "@/lib/condition";
import { count } from "@/lib/format";
import { Problem } from "@/lib/problem";
import { ownExchangesQuery, saveExchange, type OwnExchange } from "@/lib/resources/account";

interface ExchangeCardProps {
  exchange: Exchange;
  instance: Instance | null;
  /** One's own account; null where there is none, undefined where a role has none at all. */
  own: OwnExchange | null | undefined;
  isOwnKnown: boolean;
  isAdmin: boolean;
  onSetUp: () => void;
}

export function ExchangeCard({ exchange, instance, own, isOwnKnown, isAdmin, onSetUp }: ExchangeCardProps) {
  const geography = geographyOf(exchange);
  const isSimulated = instance?.status?.simulated === true;
  return (
    <Card aria-label={exchange.displayName} className="flex flex-col">
      <header className="flex flex-wrap items-center gap-2 px-4 pt-3.5">
        <h2 className="text-base font-semibold">{exchange.displayName}</h2>
        {own?.isDefault === true && (
          <Badge tone="accent">
            <Star aria-hidden="true" /> default
          </Badge>
        )}
        {isSimulated && <Badge tone="simulated">simulated</Badge>}
        <span className="ml-auto">{instance !== null && <StateBadge condition={conditionOf(instance)} />}</span>
      </header>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-2 px-4 py-3 text-xs">
        <Fact name="Fee as maker">{feeOf(exchange.makerFee)}</Fact>
        <Fact name="Fee as taker">{feeOf(exchange.takerFee)}</Fact>
        <Fact name="Limits" isWide>
          <ul>
            {limitsOf(exchange).map((limit) => (
              <li key={limit.name}>
                {limit.value} <span className="text-muted">{limit.name}</span>
              </li>
            ))}
          </ul>
        </Fact>
        <Budgets budgets={instance?.liveness === "live" ? instance.status?.budgets : null} />
        <Fact name={isSimulated ? "Addresses, for which the simulator stands in" : "Addresses"} isWide>
          <span className="block truncate" title={exchange.restUrl ?? ""}>
            {exchange.restUrl ?? "–"}
          </span>
          <span className="block truncate" title={exchange.wsUrl ?? ""}>
            {exchange.wsUrl ?? "–"}
          </span>
        </Fact>
      </dl>
      <p
        className={classes(
          "mx-4 mb-3 flex items-center gap-2 rounded-md px-3 py-1.5 text-xs [&_svg]:size-3.5 [&_svg]:shrink-0",
          geography.isRestricted ? "bg-warn/10 text-warn" : "bg-hover text-muted",
        )}
      >
        <Globe aria-hidden="true" /> {geography.text}
      </p>
      {own !== undefined && (
        <Account exchange={exchange} own={own} isKnown={isOwnKnown} isAdmin={isAdmin} onSetUp={onSetUp} />
      )}
    </Card>
  );
}

/** How much of what each host allows was used in the last minute. */
function Budgets({ budgets }: { budgets: Status["budgets"] }) {
  if (budgets === null || budgets === undefined || budgets.length === 0) return null;
  return (
    <Fact name="Used of what it allows, in the last minute" isWide>
      <ul className="mt-1 space-y-1.5">
        {budgets.map((budget) => (
          <li key={budget.host}>
            <span className="flex gap-2">
              <span className="min-w-0 flex-1 truncate text-muted">{budget.host}</span>
              {budget.waiting > 0 && <span className="text-warn">{count(budget.waiting)} waiting</span>}
              {budget.limited > 0 && (
                <span className="text-bad" title="How often it asked for silence: 429 or 418">
                  limited {count(budget.limited)}×
                </span>
              )}
              <span>
                {count(budget.used)} <span className="text-muted">of {count(budget.limit)}</span>
              </span>
            </span>
            <ProgressBar done={budget.used} total={budget.limit} label={`Used of ${budget.host}`} />
          </li>
        ))}
      </ul>
    </Fact>
  );
}

function Fact({ name, children, isWide = false }: { name: string; children: ReactNode; isWide?: boolean }) {
  return (
    <div className={classes("min-w-0", isWide && "col-span-2")}>
      <dt className="text-2xs text-faint">{name}</dt>
      <dd className="num">{children}</dd>
    </div>
  );
}

interface AccountProps {
  exchange: Exchange;
  own: OwnExchange | null;
  isKnown: boolean;
  isAdmin: boolean;
  onSetUp: () => void;
}

function Account({ exchange, own, isKnown, isAdmin, onSetUp }: AccountProps) {
  const excess = own === null ? null : excessOf(own);
  return (
    <section
      aria-label={`Your account on ${exchange.displayName}`}
      className="mt-auto border-t border-line px-4 py-3 text-xs"
    >
      <div className="flex items-center gap-2">
        <h3 className="font-medium">Your account</h3>
        <span className="ml-auto">
          {isKnown ? <StateBadge condition={connectionOf(own)} /> : <Skeleton className="h-5 w-20" />}
        </span>
      </div>
      {own !== null && (
        <div className="mt-2 space-y-1.5">
          <p className="flex items-center gap-2 text-muted">
            <KeyRound aria-hidden="true" className="size-3.5 shrink-0" />
            <span className="min-w-0 truncate font-mono">
              {[own.apiKeyEnv, own.apiSecretEnv, own.passwordEnv].filter((name) => name !== null).join(", ") ||
                "no credentials: public data only"}
            </span>
          </p>
          {own.lastCheckedAt !== null && (
            <p className="text-faint">
              Tried <Age at={own.lastCheckedAt} />
              {own.lastConnectedAt !== null && own.lastConnectedAt !== own.lastCheckedAt && (
                <>
                  , reached <Age at={own.lastConnectedAt} />
                </>
              )}
            </p>
          )}
          {own.connectionError !== null && (
            <p className="rounded-md bg-bad/8 px-3 py-1.5 break-words text-bad">{own.connectionError}</p>
          )}
          {excess !== null && (
            <p className="flex gap-2 rounded-md bg-warn/10 px-3 py-1.5 text-warn">
              <TriangleAlert aria-hidden="true" className="mt-px size-3.5 shrink-0" /> {excess}
            </p>
          )}
        </div>
      )}
      <div className="mt-3 flex flex-wrap items-center gap-2">
        <Button size="small" onClick={onSetUp} disabled={!isKnown}>
          {own === null ? "Set up…" : "Change…"}
        </Button>
        {own !== null && !own.isDefault && <MakeDefault own={own} />}
        {isAdmin && <ConnectionTest exchange={exchange.name} />}
      </div>
    </section>
  );
}

function MakeDefault({ own }: { own: OwnExchange }) {
  const client = useQueryClient();
  const { mutate, isPending } = useMutation({
    mutationFn: () =>
      saveExchange(own.exchangeName, {
        apiKeyEnv: own.apiKeyEnv,
        apiSecretEnv: own.apiSecretEnv,
        passwordEnv: own.passwordEnv,
        displayName: own.displayName,
        isEnabled: own.isEnabled,
        isDefault: true,
      }),
    onError: (error) => toast.error(Problem.of(error).detail || Problem.of(error).title),
    onSettled: () => client.invalidateQueries({ queryKey: ownExchangesQuery.queryKey }),
  });
  return (
    <Button size="small" weight="quiet" disabled={isPending} onClick={() => mutate()}>
      <Star aria-hidden="true" /> Make default
    </Button>
  );
}
