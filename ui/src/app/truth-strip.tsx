/** One line that says how far the page can be trusted: the link, each feed, whether the market is real, the time. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FlaskConical, Search } from "lucide-react";

import { useState } from "react";

import { Preferences } from "@/app/preferences";
import type { Status } from "@/api/shapes";
import { StateDot } from "@/components/state-badge";
import { Badge } from "@/components/ui/badge";
import { Kbd } from "@/components/ui/kbd";
import { useLiveFold, useLiveState, useTopic } from "@/lib/link";
import { isLost } from "@/lib/lost";
import { count } from "@/lib/format";
import { zone } from "@/lib/preferences";
import { applyNetwork, isSimulated, simulatedIn, NETWORK_TOPIC, networkQuery } from "@/lib/resources/network";
import { newestClose, readingsTopic } from "@/lib/resources/market";
import { conditionOf, type Condition } from "@/lib/condition";
import { useIsStale } from "@/lib/stale";
import { useStored } from "@/lib/stored";
import { clockTime, day, hourMinute, useNow, zoneName } from "@/lib/time";

/** How an instance is of which nothing has been heard for long. */
const NOT_KNOWN: Condition = { tone: "off", mark: "dash", word: "Not known now" };

export function TruthStrip({ onSearch }: { onSearch: () => void }) {
  const network = useQuery(networkQuery);
  const isStale = useIsStale();
  useLiveFold(NETWORK_TOPIC, networkQuery.queryKey, applyNetwork);
  return (
    <header className="sticky top-0 z-20 flex h-12 items-center gap-2 border-b border-line bg-surface/95 px-3 backdrop-blur md:px-4">
      <LinkState />
      {network.data !== undefined && (
        <ul aria-label="Exchanges" className="flex items-center gap-1">
          {network.data.items.map((item) => (
            <li key={item.exchangeId}>
              <Link
                to="/network"
                search={{ exchange: item.exchangeName }}
                className="live flex h-7 items-center gap-1.5 rounded-md px-2 text-xs text-muted hover:bg-hover hover:text-text"
              >
                <StateDot condition={isStale ? NOT_KNOWN : conditionOf(item)} />
                <span className="hidden sm:inline md:hidden lg:inline">{item.displayName}</span>
                <span className="sr-only">{`${item.displayName}: ${(isStale ? NOT_KNOWN : conditionOf(item)).word}`}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
      {isSimulated(network.data) && <Simulated status={simulatedIn(network.data)} />}
      <div className="ml-auto flex items-center gap-1">
        <button
          type="button"
          onClick={onSearch}
          className="flex h-8 items-center gap-2 rounded-md border border-line bg-sunken px-2 text-xs text-faint hover:border-line-strong hover:text-muted md:w-52"
        >
          <Search aria-hidden="true" className="size-4" />
          <span className="hidden md:inline">Go to, find…</span>
          <span className="sr-only md:hidden">Search</span>
          <span className="ml-auto hidden md:inline">
            <Kbd>Ctrl K</Kbd>
          </span>
        </button>
        <ClockButton />
        <Preferences />
      </div>
    </header>
  );
}

/** That the market is made up, and what time it is there: its clock may run faster than ours. */
function Simulated({ status }: { status: Status | null }) {
  const exchange = status?.exchangeName ?? null;
  const speed = status?.simulatedSpeed ?? null;
  const [at, setAt] = useState<number | null>(null);
  const chosen = useStored(zone);
  useTopic(exchange === null ? null : readingsTopic(exchange), (messages) => {
    const newest = newestClose(messages);
    setAt((old) => (newest === null ? old : Math.max(old ?? newest, newest)));
  });
  return (
    <Badge
      tone="simulated"
      title="This market is made up; nothing here is a real price. The time is that of its newest candle: its clock may run faster than ours."
    >
      <FlaskConical aria-hidden="true" /> SIMULATED
      {speed !== null && speed !== 1 && <span className="num font-normal">×{count(speed)}</span>}
      {at !== null && (
        <time dateTime={new Date(at).toISOString()} className="num hidden font-normal sm:inline">
          {day(at, chosen)} {hourMinute(at, chosen)}
        </time>
      )}
    </Badge>
  );
}

function LinkState() {
  const state = useLiveState();
  const now = useNow();
  const lost = isLost(state, now);
  const condition = lost
    ? ({ tone: "bad", mark: "cross", word: "Not live" } as const)
    : state.troubles.length > 0
      ? ({ tone: "warn", mark: "half", word: "In part" } as const)
      : state.phase === "open"
        ? ({ tone: "good", mark: "full", word: "Live" } as const)
        : ({ tone: "busy", mark: "half", word: "Connecting" } as const);
  return (
    <span className="flex items-center gap-2 border-r border-line pr-3 text-xs font-medium" role="status">
      <StateDot condition={condition} isBeating={state.phase === "open"} />
      {condition.word}
    </span>
  );
}

function ClockButton() {
  const chosen = useStored(zone);
  const now = useNow();
  return (
    <button
      type="button"
      onClick={() => zone.set(chosen === "utc" ? "local" : "utc")}
      title={chosen === "utc" ? "Times are UTC. Press for local time." : "Times are local. Press for UTC."}
      className="num hidden h-8 rounded-md px-2 text-xs text-muted hover:bg-hover hover:text-text sm:block"
    >
      {clockTime(now, chosen)} <span className="text-faint">{zoneName(chosen, now)}</span>
    </button>
  );
}
