/** What happened to the instances, live on top, ninety days back on demand. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { Activity } from "@/api/shapes";
import { StateDot } from "@/components/state-badge";
import { Button } from "@/components/ui/button";
import { Card, CardHead } from "@/components/ui/card";
import { EmptyFace, ErrorFace, LoadingRows } from "@/components/ui/faces";
import { Select } from "@/components/ui/input";
import { ListTime } from "@/components/ui/time";
import { activityIn, sentence, toneOf, withNews } from "@/features/network/model";
import type { NetworkSearch } from "@/features/network/search";
import { useTopic } from "@/lib/link";
import { ACTIVITY_TOPIC, activityQuery } from "@/lib/resources/network";

/** How many live entries are kept above the fetched pages; older ones are fetched again when they are asked for. */
const NEWS_LIMIT = 500;

interface ActivityFeedProps {
  search: NetworkSearch;
  exchanges: readonly { readonly name: string; readonly title: string }[];
  onSearch: (search: NetworkSearch) => void;
}

export function ActivityFeed({ search, exchanges, onSearch }: ActivityFeedProps) {
  const query = useInfiniteQuery(activityQuery(search.exchange ?? null));
  const [news, setNews] = useState<readonly Activity[]>([]);
  useTopic(ACTIVITY_TOPIC, (messages) => {
    if (messages.some((message) => message.kind === "dropped")) void query.refetch();
    const fresh = messages.flatMap((message) => activityIn(message.data) ?? []);
    setNews((old) => [...old, ...fresh].slice(-NEWS_LIMIT));
  });
  const wanted = (one: Activity): boolean =>
    (search.exchange === undefined || one.exchangeName === search.exchange) &&
    (search.event === undefined || one.event === search.event);
  const entries = withNews(query.data?.pages.flatMap((page) => page.items) ?? [], news).filter(wanted);
  const titleOf = (name: string): string => exchanges.find((one) => one.name === name)?.title ?? name;
  const all = { value: "", label: "All exchanges" };
  return (
    <Card aria-label="Activity" className="flex min-h-0 flex-col">
      <CardHead title="Activity">
        <Select
          label="Exchange"
          value={search.exchange ?? ""}
          options={[all, ...exchanges.map(({ name, title }) => ({ value: name, label: title }))]}
          onChange={(exchange) =>
            onSearch({
              ...(search.event !== undefined && { event: search.event }),
              ...(exchange !== "" && { exchange }),
            })
          }
          className="w-36"
        />
        <Button
          size="small"
          weight={search.event === "error" ? "plain" : "quiet"}
          aria-pressed={search.event === "error"}
          onClick={() =>
            onSearch({
              ...(search.exchange !== undefined && { exchange: search.exchange }),
              ...(search.event === undefined && { event: "error" as const }),
            })
          }
        >
          Errors only
        </Button>
      </CardHead>
      {query.isError && query.data === undefined && (
        <ErrorFace error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.isPending && <LoadingRows rows={8} />}
      {query.data !== undefined && entries.length === 0 && (
        <EmptyFace title="Nothing happened here">
          Transitions and errors of the last 90 days appear in this list.
        </EmptyFace>
      )}
      <ol className="live">
        {entries.map((entry) => (
          <Entry key={entry.cursor} entry={entry} title={titleOf(entry.exchangeName)} />
        ))}
      </ol>
      {query.hasNextPage && (
        <div className="p-3 text-center">
          <Button
            size="small"
            weight="quiet"
            disabled={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {query.isFetchingNextPage ? "Fetching older ones" : "Older activity"}
          </Button>
        </div>
      )}
    </Card>
  );
}

function Entry({ entry, title }: { entry: Activity; title: string }) {
  const isError = entry.event === "error";
  return (
    <li className="grid grid-cols-[auto_1fr] gap-x-3 border-b border-line/70 px-4 py-2 text-xs last:border-b-0 sm:grid-cols-[6.5rem_auto_6rem_1fr_auto] sm:items-baseline">
      <span className="order-2 justify-self-end text-faint sm:order-none sm:justify-self-start">
        <ListTime at={entry.time} />
      </span>
      <span className="hidden self-center sm:block">
        <StateDot condition={{ tone: toneOf(entry), mark: isError ? "cross" : "full", word: "" }} />
      </span>
      <span className="order-1 font-medium sm:order-none">{title}</span>
      <span
        className={
          isError
            ? "order-3 col-span-2 break-words text-bad sm:order-none sm:col-span-1"
            : "order-3 col-span-2 sm:order-none sm:col-span-1"
        }
      >
        {sentence(entry)}
      </span>
      <span className="hidden text-faint sm:block">
        {entry.hostname} · epoch <span className="num">{entry.epoch}</span>
      </span>
    </li>
  );
}
