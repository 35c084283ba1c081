/** What the processes wrote down: as it is written, and back in time. */
import { Pause, Play, Route, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { EmptyFace, ErrorFace, LoadingRows } from "@/components/ui/faces";
import { SearchInput, Select } from "@/components/ui/input";
import { Segments } from "@/components/ui/tabs";
import { Line } from "@/features/logs/line";
import { LogList } from "@/features/logs/list";
import { processOf, type Placed } from "@/features/logs/merged";
import { isEcho, isRoutine, KEPT } from "@/features/logs/model";
import { logsSearch } from "@/features/logs/search";
import { useTails } from "@/features/logs/use-tails";
import { count } from "@/lib/format";
import { useKeys } from "@/lib/keys";
import { Problem } from "@/lib/problem";
import { LEVELS, type LogFilter } from "@/lib/resources/logs";
import { useIsAdmin } from "@/lib/session";

/** How long one may stop while writing before it is searched for. */
const PATIENCE_MS = 350;
/** Fewer lines in sight than this do not fill a page: older ones are fetched at once. */
const PAGEFUL = 40;

interface LogsPageProps {
  search: LogFilter;
  onSearch: (search: LogFilter) => void;
}

/** Who follows one id wants all that belongs to it: the request that began it as well. */
const isShown =
  ({ requests, id }: LogFilter) =>
  ({ entry }: Placed): boolean =>
    entry.kind === "hole" || (!isEcho(entry.line) && (requests === true || id !== undefined || !isRoutine(entry.line)));

export function LogsPage(props: LogsPageProps) {
  // What is known to be refused is not asked for.
  if (useIsAdmin()) return <Logs {...props} />;
  return <ErrorFace error={new Problem(403, "Forbidden", "Logs are for administrators.")} />;
}

function Logs({ search, onSearch }: LogsPageProps) {
  const [isPaused, setPaused] = useState(false);
  const [chosen, setChosen] = useState<string | null>(null);
  const tails = useTails(search, isPaused);
  const { files, isMore, error, older, goBack } = tails;
  const shown = tails.placed.filter(isShown(search));
  const found = tails.placed.find((one) => one.id === chosen)?.entry;
  const isThin = !tails.isPending && error === null && shown.length < PAGEFUL && isMore && older.isIdle;
  useEffect(() => {
    if (isThin) goBack();
  });
  useLogKeys(shown, chosen, setChosen, () => setPaused(!isPaused));
  const follow = (id: string): void => onSearch({ ...search, id, level: "debug" });
  const isEmpty = !tails.isPending && shown.length === 0 && !isMore;
  return (
    <div className="flex h-[calc(100dvh-3rem-3.5rem)] min-h-0 flex-col md:h-[calc(100dvh-3rem)]">
      <Head search={search} onSearch={onSearch} files={files} isPaused={isPaused} onPause={setPaused}>
        <Freshness problem={error === null ? null : Problem.of(error)} isPaused={isPaused} />
      </Head>
      <div className="flex min-h-0 flex-1 bg-surface" data-stale={error !== null}>
        {tails.isPending && !tails.hasAny && error === null && <LoadingRows rows={16} className="flex-1" />}
        {error !== null && !tails.hasAny && (
          <div className="flex-1">
            <ErrorFace error={error} onRetry={tails.again} />
          </div>
        )}
        {isEmpty && error === null && (
          <div className="flex-1">
            <EmptyFace title={files.length === 0 ? "There are no logs here" : "No line is like that"}>
              {files.length === 0
                ? "The server shows the files of its folder of logs; none is set up, or nothing was written yet."
                : "Lower the level, show requests too, or search for something else."}
            </EmptyFace>
          </div>
        )}
        {tails.hasAny && (shown.length > 0 || isMore) && (
          <LogList
            key={JSON.stringify(search)}
            placed={shown}
            chosen={chosen}
            isOfMany={search.file === undefined && files.length > 1}
            onChoose={setChosen}
            foot={<Foot tails={tails} />}
          />
        )}
        {found?.kind === "line" && <Line line={found.line} onClose={() => setChosen(null)} onFollow={follow} />}
      </div>
    </div>
  );
}

/** What stands below the oldest line that is shown. */
function Foot({ tails: { isMore, isAtLimit, older, goBack } }: { tails: ReturnType<typeof useTails> }) {
  if (!isMore) return "The beginning of the log";
  if (isAtLimit) return `${count(KEPT)} lines are kept here: narrow the search to read further back`;
  return (
    <Button size="small" disabled={older.isPending} onClick={goBack}>
      {older.isPending ? "Reading further back" : older.isError ? "Try again" : "Further back"}
    </Button>
  );
}

function useLogKeys(
  shown: readonly Placed[],
  chosen: string | null,
  choose: (id: string | null) => void,
  pause: () => void,
): void {
  const move = (step: number): void => {
    const lines = shown.filter(({ entry }) => entry.kind === "line");
    const here = lines.findIndex((one) => one.id === chosen);
    const next = lines[Math.max(0, Math.min(lines.length - 1, here + step))];
    if (next !== undefined) choose(next.id);
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    p: pause,
    Escape: () => choose(null),
    "/": () => document.querySelector<HTMLInputElement>("[role=searchbox]")?.focus(),
  });
}

function Freshness({ problem, isPaused }: { problem: Problem | null; isPaused: boolean }) {
  if (isPaused) return <Badge tone="warn">❚❚ paused</Badge>;
  if (problem !== null) return <Badge tone="bad">✕ not read: {problem.title}</Badge>;
  return <Badge tone="good">● live</Badge>;
}

interface HeadProps extends LogsPageProps {
  files: readonly string[];
  isPaused: boolean;
  onPause: (isPaused: boolean) => void;
  children: React.ReactNode;
}

function Head({ search, onSearch, files, isPaused, onPause, children }: HeadProps) {
  const change = (part: Readonly<Record<string, unknown>>): void => onSearch(logsSearch({ ...search, ...part }));
  return (
    <header className="flex flex-wrap items-center gap-2 border-b border-line bg-surface px-4 py-2.5">
      <h1 className="mr-1 text-base font-semibold">Logs</h1>
      {children}
      <Button size="small" aria-pressed={isPaused} onClick={() => onPause(!isPaused)} title="p">
        {isPaused ? <Play aria-hidden="true" /> : <Pause aria-hidden="true" />} {isPaused ? "Go on" : "Pause"}
      </Button>
      <span className="flex-1" />
      {search.id !== undefined && (
        <span className="inline-flex h-8 items-center gap-1.5 rounded-md border border-accent/50 bg-accent/10 pr-1 pl-2.5 text-xs">
          <Route aria-hidden="true" className="size-3.5 text-accent" />
          <span className="max-w-48 truncate font-mono">{search.id}</span>
          <Button
            weight="quiet"
            size="icon"
            className="size-6"
            aria-label="Follow it no longer"
            onClick={() => change({ id: "" })}
          >
            <X aria-hidden="true" />
          </Button>
        </span>
      )}
      <SoughtText text={search.q ?? ""} onText={(q) => change({ q })} />
      {search.id === undefined && (
        <Button
          size="small"
          weight={search.requests === true ? "plain" : "quiet"}
          aria-pressed={search.requests === true}
          title="Show requests that were answered as wished, too"
          onClick={() => change({ requests: search.requests !== true })}
        >
          Requests
        </Button>
      )}
      <Segments
        label="Level"
        value={search.level ?? "info"}
        options={LEVELS.map((one) => ({ value: one, label: one, hint: `${one} and worse` }))}
        onChange={(level) => change({ level })}
      />
      {files.length > 0 && (
        <Select
          label="Log"
          value={search.file ?? ""}
          options={[
            { value: "", label: "All processes" },
            ...files.map((one) => ({ value: one, label: processOf(one) })),
          ]}
          onChange={(file) => change({ file })}
          className="w-44"
        />
      )}
    </header>
  );
}

/** What is searched for, told a moment after the last key. */
function SoughtText({ text, onText }: { text: string; onText: (text: string) => void }) {
  const [written, setWritten] = useState(text);
  const latest = useRef(onText);
  useEffect(() => {
    latest.current = onText;
  });
  useEffect(() => {
    if (written === text) return;
    const timer = setTimeout(() => latest.current(written), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [written, text]);
  return <SearchInput label="Search the lines" value={written} onChange={setWritten} className="w-full sm:w-56" />;
}
