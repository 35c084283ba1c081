/** Is everything true right now? One sentence, six numbers, what is open; each leads to its evidence. */
import { useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";

import type { Matrix } from "@/api/shapes";
import { StateDot } from "@/components/state-badge";
import { Card, CardHead } from "@/components/ui/card";
import { ErrorFace, Skeleton } from "@/components/ui/faces";
import { StageGlyph } from "@/components/ui/stage-glyph";
import { Segments } from "@/components/ui/tabs";
import { problemsOf, verdictOf } from "@/features/dashboard/model";
import { Problems } from "@/features/dashboard/problems";
import { Tiles } from "@/features/dashboard/tiles";
import { TodayCard } from "@/features/dashboard/today";
import { classes } from "@/lib/classes";
import { STAGE_LOOKS, STAGES, type Tone } from "@/lib/colours";
import { useExchangeTitle } from "@/lib/exchange-names";
import { count } from "@/lib/format";
import { channelTroubles, untoldQuery, type ChannelTrouble } from "@/lib/resources/deliveries";
import { matrixQuery } from "@/lib/resources/market";
import { networkQuery } from "@/lib/resources/network";
import { useRole } from "@/lib/session";
import { useIsStale } from "@/lib/stale";
import { TIMEFRAMES, useNow, type Timeframe } from "@/lib/time";

export function Dashboard({ newest }: { newest: ReactNode }) {
  const network = useQuery(networkQuery);
  const isStale = useIsStale();
  const matrices = useMatrices();
  const instances = network.data?.items ?? [];
  const channels = useChannelTroubles();
  const verdict = verdictOf(instances, isStale, channels);
  return (
    <div className="mx-auto w-full max-w-7xl space-y-5 p-4 md:p-6">
      <header>
        <h1 className="sr-only">Dashboard</h1>
        {network.data === undefined ? <Skeleton className="h-7 w-72" /> : <Sentence {...verdict} />}
      </header>
      {network.isError && network.data === undefined && (
        <Card>
          <ErrorFace error={network.error} onRetry={() => void network.refetch()} />
        </Card>
      )}
      <Tiles instances={network.data?.items} matrices={matrices} />
      <div className="grid grid-cols-1 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="min-w-0 space-y-4">
          <Problems problems={problemsOf(instances, channels)} isLoading={network.isPending} isStale={isStale} />
          <TodayCard instances={instances} />
          <StageSpread matrices={matrices} />
        </div>
        <Card className="h-[44rem] overflow-hidden">{newest}</Card>
      </div>
    </div>
  );
}

const SENTENCES: Partial<Record<Tone, string>> = { good: "text-text", bad: "text-bad", warn: "text-warn" };

function Sentence({ tone, sentence }: { tone: Tone; sentence: string }) {
  return (
    <p
      role="status"
      className={classes(
        "flex items-center gap-3 text-xl font-semibold tracking-tight [&_svg]:size-4",
        SENTENCES[tone],
      )}
    >
      <StateDot condition={{ tone, mark: tone === "good" ? "full" : tone === "bad" ? "cross" : "half", word: "" }} />
      {sentence}
    </p>
  );
}

/** The channels that take nothing; subscribers have none of their own, and see none of others. */
function useChannelTroubles(): readonly ChannelTrouble[] {
  const role = useRole();
  const enabled = role === "admin" || role === "user";
  const untold = useQueries({
    queries: (["pending", "failed"] as const).map((status) => ({ ...untoldQuery(status), enabled })),
  });
  return channelTroubles(
    untold.flatMap((query) => query.data ?? []),
    useNow(),
  );
}

function useMatrices() {
  const network = useQuery(networkQuery);
  const served = (network.data?.items ?? []).filter((one) => one.status !== null && one.liveness !== "dead");
  return useQueries({
    queries: served.map((one) => ({ ...matrixQuery(one.exchangeName), refetchInterval: 30_000 })),
  }).flatMap((query) => query.data ?? []);
}

/** Where the market stands on a timeframe: how many symbols are in each stage, by exchange. */
function StageSpread({ matrices }: { matrices: readonly Matrix[] }) {
  const exchangeTitle = useExchangeTitle();
  const [timeframe, setTimeframe] = useState<Timeframe>("1h");
  if (matrices.length === 0) return null;
  return (
    <Card aria-label="Stages">
      <CardHead title="Stages" note="how many symbols are in each">
        <Segments
          label="Timeframe of the stages"
          value={timeframe}
          options={TIMEFRAMES.map((one) => ({ value: one, label: one }))}
          onChange={setTimeframe}
        />
      </CardHead>
      <ul className="live space-y-3 p-4">
        {matrices.map((matrix) => (
          <li key={matrix.exchangeId} className="text-xs">
            <p className="mb-1.5 flex justify-between text-muted">
              <span className="font-medium text-text">{exchangeTitle(matrix.exchangeName)}</span>
              <span className="num">{count(matrix.items.length)} symbols</span>
            </p>
            <div className="flex h-7 gap-px overflow-hidden rounded-md">
              {STAGES.map((stage) => {
                const total = matrix.items.filter(
                  (row) => (row.readings[timeframe]?.stage ?? "unknown") === stage,
                ).length;
                if (total === 0) return null;
                const look = STAGE_LOOKS[stage];
                return (
                  <Link
                    key={stage}
                    to="/signals"
                    search={{ exchange: matrix.exchangeName, stage, tf: timeframe }}
                    title={`${look.label}: ${total}`}
                    aria-label={`${look.label}: ${total}`}
                    className="num flex min-w-7 items-center justify-center gap-1 hover:brightness-110"
                    style={{
                      flexGrow: total,
                      backgroundColor: `color-mix(in srgb, ${look.colour} 26%, var(--surface))`,
                    }}
                  >
                    <StageGlyph stage={stage} /> {total}
                  </Link>
                );
              })}
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}
