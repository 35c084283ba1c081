/** Is everything true right now? One sentence, six numbers, what is open; each leads to its evidence. */
import { useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Bell, CandlestickChart, Gauge, Radio, Server, Timer } from "lucide-react";
import type { ReactNode } from "react";

import type { Alert } from "@/api/shapes";
import { StateDot } from "@/components/state-badge";
import { Card, CardHead } from "@/components/ui/card";
import { EmptyFace, ErrorFace, LoadingRows, Skeleton } from "@/components/ui/faces";
import { StatTile } from "@/components/ui/stat-tile";
import { StageGlyph } from "@/components/ui/stage-glyph";
import { Since } from "@/components/ui/time";
import {
  alertsToday,
  delays,
  liveTally,
  problemsOf,
  seriesTally,
  verdictOf,
  worstLag,
  type OpenProblem,
} from "@/features/dashboard/model";
import { classes } from "@/lib/classes";
import { STAGE_LOOKS, STAGES, type Tone } from "@/lib/colours";
import { count, milliseconds } from "@/lib/format";
import { useIsLost } from "@/lib/lost";
import { matrixQuery } from "@/lib/resources/market";
import { networkQuery } from "@/lib/resources/network";
import { useNow } from "@/lib/time";

interface DashboardProps {
  alerts: readonly Alert[] | undefined;
  hasMoreAlerts: boolean;
  newest: ReactNode;
}

export function Dashboard({ alerts, hasMoreAlerts, newest }: DashboardProps) {
  const network = useQuery(networkQuery);
  const isLost = useIsLost();
  const instances = network.data?.items ?? [];
  const verdict = verdictOf(instances, isLost);
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
      <Tiles alerts={alerts} hasMoreAlerts={hasMoreAlerts} />
      <div className="grid items-start gap-4 xl:grid-cols-[1fr_22rem]">
        <div className="space-y-4">
          <Problems problems={problemsOf(instances)} isLoading={network.isPending} />
          <StageSpread />
        </div>
        <Card className="h-[40rem] overflow-hidden">{newest}</Card>
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

function useMatrices() {
  const network = useQuery(networkQuery);
  const served = (network.data?.items ?? []).filter((one) => one.status !== null && one.liveness !== "dead");
  return useQueries({
    queries: served.map((one) => ({ ...matrixQuery(one.exchangeName), refetchInterval: 30_000 })),
  }).flatMap((query) => query.data ?? []);
}

function Tiles({ alerts, hasMoreAlerts }: Omit<DashboardProps, "newest">) {
  const network = useQuery(networkQuery);
  const matrices = useMatrices();
  const now = useNow();
  const instances = network.data?.items;
  const [live, series] = [liveTally(instances ?? []), seriesTally(matrices)];
  const own = alerts === undefined ? null : delays(alerts);
  const today = alerts === undefined ? null : alertsToday(alerts, now);
  const isAllToday = hasMoreAlerts && today === alerts?.length;
  const wait = <Skeleton className="h-7 w-20" />;
  const [exchangeLag, ownLag] = [worstLag(instances ?? [], "exchangeMs"), worstLag(instances ?? [], "ownMs")];
  return (
    <ul className="grid grid-cols-2 gap-3 md:grid-cols-3 xl:grid-cols-6">
      <Tile
        to="/network"
        title="Instances live"
        icon={<Server aria-hidden="true" />}
        tone={instances === undefined ? "neutral" : live.live === live.total && live.total > 0 ? "good" : "bad"}
        value={instances === undefined ? wait : <Share {...live} />}
        note="live, active and fed"
      />
      <Tile
        to="/signals"
        title="Series up to date"
        icon={<Radio aria-hidden="true" />}
        tone={series.total === 0 ? "neutral" : series.live === series.total ? "good" : "warn"}
        value={matrices.length === 0 ? wait : <Share {...series} />}
        note="have their newest candle"
      />
      <Tile
        to="/network"
        title="Exchange lag"
        icon={<Timer aria-hidden="true" />}
        tone={exchangeLag === null ? "neutral" : exchangeLag > 2000 ? "warn" : "good"}
        value={instances === undefined ? wait : milliseconds(exchangeLag)}
        note="the worst, on arrival"
      />
      <Tile
        to="/network"
        title="Own lag"
        icon={<Gauge aria-hidden="true" />}
        tone={ownLag === null ? "neutral" : ownLag > 250 ? "warn" : "good"}
        value={instances === undefined ? wait : milliseconds(ownLag)}
        note="the worst, arrival to commit"
      />
      <Tile
        to="/signals"
        title="Alert delay"
        icon={<CandlestickChart aria-hidden="true" />}
        tone={own === null ? "neutral" : own.p99 > 250 ? "warn" : "good"}
        value={alerts === undefined ? wait : own === null ? "–" : milliseconds(own.p99)}
        note={own === null ? "no alerts yet" : `99th percentile · median ${milliseconds(own.p50)}`}
      />
      <Tile
        to="/signals"
        title="Alerts today"
        icon={<Bell aria-hidden="true" />}
        tone="accent"
        value={today === null ? wait : `${count(today)}${isAllToday ? "+" : ""}`}
        note="since midnight UTC"
      />
    </ul>
  );
}

function Share({ live, total }: { live: number; total: number }) {
  return (
    <>
      {count(live)}
      <span className="text-base font-normal text-faint"> / {count(total)}</span>
    </>
  );
}

function Tile({ to, ...tile }: { to: "/network" | "/signals" } & Parameters<typeof StatTile>[0]) {
  return (
    <li>
      <Link to={to} className="group block h-full rounded-card">
        <StatTile {...tile} />
      </Link>
    </li>
  );
}

function Problems({ problems, isLoading }: { problems: readonly OpenProblem[]; isLoading: boolean }) {
  return (
    <Card aria-label="Open problems">
      <CardHead title="Open problems" note={problems.length === 0 ? undefined : count(problems.length)} />
      {isLoading && <LoadingRows rows={3} />}
      {!isLoading && problems.length === 0 && (
        <EmptyFace title="None">Dead, silent or warming instances would stand here.</EmptyFace>
      )}
      <ul>
        {problems.map((problem) => (
          <li key={problem.key} className="border-b border-line/70 last:border-b-0">
            <Link
              to="/network"
              search={{ exchange: problem.exchange }}
              className="flex items-start gap-3 px-4 py-3 text-sm hover:bg-hover"
            >
              <span className="mt-1">
                <StateDot
                  condition={{ tone: problem.tone, mark: problem.tone === "bad" ? "cross" : "half", word: "" }}
                />
              </span>
              <span className="min-w-0 flex-1">
                <strong className="font-medium">{problem.title}</strong>
                <span className="block text-xs break-words text-muted">{problem.detail}</span>
              </span>
              {problem.since !== null && (
                <span className="text-xs text-faint">
                  <Since at={problem.since} />
                </span>
              )}
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Where the market stands on 1h: how many symbols are in each stage, by exchange. */
function StageSpread() {
  const matrices = useMatrices();
  if (matrices.length === 0) return null;
  return (
    <Card aria-label="Stages on 1h">
      <CardHead title="Stages on 1h" note="symbols by stage" />
      <ul className="live space-y-3 p-4">
        {matrices.map((matrix) => (
          <li key={matrix.exchangeId} className="text-xs">
            <p className="mb-1.5 flex justify-between text-muted">
              <span className="font-medium text-text">{matrix.exchangeName}</span>
              <span className="num">{count(matrix.items.length)} symbols</span>
            </p>
            <div className="flex h-7 gap-px overflow-hidden rounded-md">
              {STAGES.map((stage) => {
                const total = matrix.items.filter((row) => (row.readings["1h"]?.stage ?? "unknown") === stage).length;
                if (total === 0) return null;
                const look = STAGE_LOOKS[stage];
                return (
                  <Link
                    key={stage}
                    to="/signals"
                    search={{ exchange: matrix.exchangeName, stage, tf: "1h" }}
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
