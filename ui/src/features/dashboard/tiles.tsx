/** Six numbers that matter, each with how good it is; each leads to its evidence. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Bell, CandlestickChart, Gauge, Radio, Server, Timer } from "lucide-react";

import type { Instance, Matrix } from "@/api/shapes";
import { Skeleton } from "@/components/ui/faces";
import { StatTile, type StatTileProps } from "@/components/ui/stat-tile";
import { isWhole, liveTally, midnightOf, seriesTally, todayOf, worstLag, type Lag } from "@/features/dashboard/model";
import { count, milliseconds } from "@/lib/format";
import { tallyQuery } from "@/lib/resources/tally";
import { useNow } from "@/lib/time";

interface TilesProps {
  /** Undefined while nothing is known. */
  instances: readonly Instance[] | undefined;
  matrices: readonly Matrix[];
}

/** Later than this is too late, ms: news of an exchange on arrival, and what closed a candle to its commit. */
const BARS = { exchange: 2000, own: 250 } as const;

export function Tiles({ instances, matrices }: TilesProps) {
  const wait = <Skeleton className="h-7 w-20" />;
  const [live, series] = [liveTally(instances ?? []), seriesTally(matrices, instances ?? [])];
  return (
    <ul className="grid grid-cols-2 gap-3 md:grid-cols-3 xl:grid-cols-6">
      <Tile
        to="/network"
        title="Instances live"
        icon={<Server aria-hidden="true" />}
        tone={instances === undefined ? "neutral" : live.live === live.total && live.total > 0 ? "good" : "bad"}
        value={instances === undefined ? wait : <Share {...live} />}
        note="active and fed"
      />
      <Tile
        to="/signals"
        title="Series up to date"
        icon={<Radio aria-hidden="true" />}
        tone={series.total === 0 ? "neutral" : series.live === series.total ? "good" : "warn"}
        value={matrices.length === 0 ? wait : <Share {...series} />}
        note="have their newest candle"
      />
      <LagTile
        title="Exchange lag"
        icon={<Timer aria-hidden="true" />}
        lag={instances === undefined ? undefined : worstLag(instances, "exchange")}
        bar={BARS.exchange}
        hint="From the exchange's instant to the arrival of its news, over the latest minutes, of the instance that is worst off."
      />
      <LagTile
        title="Own lag"
        icon={<Gauge aria-hidden="true" />}
        lag={instances === undefined ? undefined : worstLag(instances, "own")}
        bar={BARS.own}
        hint="From the arrival of what closed a candle to the commit of its reading and alerts, of the instance that is worst off."
      />
      <TodayTiles instances={instances} />
    </ul>
  );
}

function TodayTiles({ instances }: Pick<TilesProps, "instances">) {
  const now = useNow();
  const days = todayOf(instances ?? []);
  const since = midnightOf(days, now);
  const tally = useQuery({ ...tallyQuery(since), enabled: instances !== undefined });
  const [candles, counted] = [
    days.reduce((sum, one) => sum + one.candles, 0),
    days.reduce((sum, one) => sum + one.alerts, 0),
  ];
  const wait = <Skeleton className="h-7 w-20" />;
  return (
    <>
      <Tile
        to="/network"
        title="Candles today"
        icon={<CandlestickChart aria-hidden="true" />}
        tone="accent"
        value={instances === undefined ? wait : days.length === 0 ? "–" : count(candles)}
        note={days.every(isWhole) ? "closed since midnight UTC" : "closed since the last start"}
      />
      <Tile
        to="/alerts"
        title="Alerts today"
        icon={<Bell aria-hidden="true" />}
        tone={tally.isError ? "warn" : "accent"}
        value={tally.data !== undefined ? count(tally.data.standing) : tally.isError ? count(counted) : wait}
        note={tally.isError ? "the ledger is away" : "since midnight UTC"}
        hint={tally.isError ? "Counted by the instances themselves, as the ledger cannot be asked." : undefined}
      />
    </>
  );
}

interface LagTileProps {
  title: string;
  icon: React.ReactNode;
  /** Undefined while nothing is known, null where nobody tells one. */
  lag: Lag | null | undefined;
  bar: number;
  hint: string;
}

/** The 99th percentile, judged by a bar that the tile names. */
function LagTile({ title, icon, lag, bar, hint }: LagTileProps) {
  const note =
    lag == null
      ? "not told yet"
      : lag.p99 > bar
        ? `p99, over ${milliseconds(bar)}`
        : lag.p50 === null
          ? "the last one"
          : `p99 · median ${milliseconds(lag.p50)}`;
  return (
    <Tile
      to="/network"
      title={title}
      icon={icon}
      tone={lag == null ? "neutral" : lag.p99 > bar ? "warn" : "good"}
      value={lag === undefined ? <Skeleton className="h-7 w-20" /> : milliseconds(lag?.p99)}
      note={note}
      hint={`${hint} Good up to ${milliseconds(bar)}.`}
    />
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

interface TileProps extends StatTileProps {
  to: "/network" | "/signals" | "/alerts";
  hint?: string | undefined;
}

function Tile({ to, hint, ...tile }: TileProps) {
  return (
    <li>
      <Link to={to} title={hint} className="group block h-full rounded-card">
        <StatTile {...tile} />
      </Link>
    </li>
  );
}
