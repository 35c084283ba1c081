/** What one holds on an exchange, what it is worth, where its market goes, and what trading has cost. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, CardHead } from "@/components/ui/card";
import { EmptyFace, ErrorFace, LoadingRows } from "@/components/ui/faces";
import { StatTile } from "@/components/ui/stat-tile";
import { Segments } from "@/components/ui/tabs";
import { Age } from "@/components/ui/time";
import { FeesCard } from "@/features/portfolio/fees";
import { Holdings } from "@/features/portfolio/holdings";
import { dollars, percentText, signed, toneOfGain, withoutDust } from "@/features/portfolio/model";
import { portfolioSearch, type PortfolioSearch } from "@/features/portfolio/search";
import { count } from "@/lib/format";
import { useCommandSteps, useOrder, useOrders } from "@/lib/orders";
import { exchangesQuery } from "@/lib/resources/market";
import { hasFailed, isOver } from "@/lib/resources/commands";
import { feesQuery, portfolioQuery, type Portfolio } from "@/lib/resources/portfolio";
import { useIsAdmin } from "@/lib/session";

interface PortfolioPageProps {
  search: PortfolioSearch;
  onSearch: (search: PortfolioSearch) => void;
}

export function PortfolioPage({ search, onSearch }: PortfolioPageProps) {
  const exchanges = useQuery(exchangesQuery);
  const known = (exchanges.data ?? []).filter((one) => one.hasAdapter);
  const exchange = search.exchange ?? known[0]?.name ?? "";
  const portfolio = useQuery(portfolioQuery(exchange));
  const change = (part: Readonly<Record<string, unknown>>): void => onSearch(portfolioSearch({ ...search, ...part }));
  const error = exchanges.error ?? portfolio.error;
  return (
    <div className="mx-auto w-full max-w-7xl space-y-4 p-4 md:p-6" data-stale={portfolio.isError}>
      <header className="flex flex-wrap items-center gap-3">
        <h1 className="text-xl font-semibold tracking-tight">Portfolio</h1>
        {known.length > 0 && (
          <Segments
            label="Exchange"
            value={exchange}
            options={known.map((one) => ({ value: one.name, label: one.displayName }))}
            onChange={(next) => change({ exchange: next })}
          />
        )}
        <span className="flex-1" />
        {portfolio.data !== undefined && <AsOf portfolio={portfolio.data} isStale={portfolio.isError} />}
        <ReadAnew exchange={exchange} />
      </header>
      {error !== null && portfolio.data === undefined ? (
        <Card>
          <ErrorFace
            error={error}
            onRetry={() => void (exchanges.isError ? exchanges.refetch() : portfolio.refetch())}
          />
        </Card>
      ) : (
        <>
          {portfolio.data?.syncedAt !== null && <Sums portfolio={portfolio.data} />}
          <HoldingsCard
            exchange={exchange}
            portfolio={portfolio.data}
            isDustShown={search.dust === true}
            onDust={(dust) => change({ dust })}
          />
        </>
      )}
      <FeesCard exchange={exchange} view={search.fees ?? "symbols"} onView={(fees) => change({ fees })} />
    </div>
  );
}

function AsOf({ portfolio, isStale }: { portfolio: Portfolio; isStale: boolean }) {
  return (
    <span className="text-xs text-faint">
      {portfolio.syncedAt === null ? (
        "never read"
      ) : (
        <>
          holdings as of <Age at={portfolio.syncedAt} /> · prices as of <Age at={portfolio.time} />
        </>
      )}
      {isStale && (
        <Badge tone="warn" className="ml-2">
          ◔ not renewed
        </Badge>
      )}
    </span>
  );
}

/** Let the instance read the account again: an order like any other, so it is "requested" until it is heard. */
function ReadAnew({ exchange }: { exchange: string }) {
  const client = useQueryClient();
  const isAdmin = useIsAdmin();
  const order = useOrder(exchange);
  const latest = useOrders(exchange).find(
    (one) => one.order.wish.kind === "command" && one.order.wish.type === "sync-accounts",
  );
  useCommandSteps(exchange, (command) => {
    if (command.type !== null && command.type !== "sync-accounts") return;
    void client.invalidateQueries({ queryKey: portfolioQuery(exchange).queryKey });
    void client.invalidateQueries({ queryKey: feesQuery(exchange).queryKey });
  });
  if (!isAdmin || exchange === "") return null;
  const isUnderWay = latest !== undefined && latest.problem === null && latest.command === null;
  return (
    <>
      {latest !== undefined && <OrderMark latest={latest} />}
      <Button
        size="small"
        disabled={isUnderWay}
        onClick={() => order({ kind: "command", type: "sync-accounts", payload: {} })}
      >
        <RefreshCw aria-hidden="true" /> Read the account
      </Button>
    </>
  );
}

function OrderMark({ latest }: { latest: ReturnType<typeof useOrders>[number] }) {
  const { command, problem } = latest;
  if (problem !== null) return <Badge tone="bad">✕ {problem.detail || problem.title}</Badge>;
  if (command === null) return <Badge tone="busy">… requested</Badge>;
  if (hasFailed(command.step)) return <Badge tone="bad">✕ {command.error?.message ?? command.step}</Badge>;
  return (
    <Badge tone={isOver(command.step) ? "good" : "busy"}>
      {isOver(command.step) ? "✓" : "…"} {command.step}
    </Badge>
  );
}

function Sums({ portfolio }: { portfolio: Portfolio | undefined }) {
  const wait = <span aria-hidden="true" className="skeleton inline-block h-6 w-24" />;
  const tone = toneOfGain(portfolio?.gain ?? null);
  return (
    <ul className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      <li>
        <StatTile
          title="Value"
          tone="accent"
          value={portfolio === undefined ? wait : dollars(portfolio.value)}
          note={portfolio === undefined ? "" : `dollars, ${count(portfolio.items.length)} currencies`}
        />
      </li>
      <li>
        <StatTile
          title="Cost"
          value={portfolio === undefined ? wait : dollars(portfolio.cost)}
          note="what is known of it"
        />
      </li>
      <li>
        <StatTile
          title="Gain"
          tone={tone ?? "neutral"}
          value={portfolio === undefined ? wait : signed(portfolio.gain)}
          note={portfolio === undefined ? "" : `${percentText(portfolio.gainPercent, true)} of what it cost`}
        />
      </li>
      <li>
        <StatTile
          title="Without a price"
          tone={portfolio !== undefined && portfolio.unpriced.length > 0 ? "warn" : "neutral"}
          value={portfolio === undefined ? wait : count(portfolio.unpriced.length)}
          note={
            portfolio === undefined || portfolio.unpriced.length === 0 ? "all counted" : portfolio.unpriced.join(", ")
          }
        />
      </li>
    </ul>
  );
}

interface HoldingsCardProps {
  exchange: string;
  portfolio: Portfolio | undefined;
  isDustShown: boolean;
  onDust: (isShown: boolean) => void;
}

function HoldingsCard({ exchange, portfolio, isDustShown, onDust }: HoldingsCardProps) {
  const { shown, dust } = withoutDust(portfolio?.items ?? [], isDustShown);
  return (
    <Card aria-label="Holdings" className="min-w-0">
      <CardHead title="Holdings" note={portfolio === undefined ? undefined : count(shown.length)}>
        {dust > 0 && (
          <Button size="small" weight="quiet" aria-pressed={isDustShown} onClick={() => onDust(!isDustShown)}>
            {isDustShown ? "Hide dust" : `Show ${dust} below a dollar`}
          </Button>
        )}
      </CardHead>
      {portfolio === undefined && <LoadingRows rows={7} />}
      {portfolio !== undefined && shown.length === 0 && (
        <EmptyFace title={portfolio.syncedAt === null ? "This account was never read" : "Nothing is held here"}>
          {portfolio.syncedAt === null
            ? "Name its credentials under Exchanges; an instance then reads it when it is told to."
            : "When it was read last, it was empty."}
        </EmptyFace>
      )}
      {shown.length > 0 && <Holdings exchange={exchange} holdings={shown} />}
    </Card>
  );
}
