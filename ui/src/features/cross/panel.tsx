/** The same asset on two exchanges: where its prices differ by more than all costs, and who said a thing first. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowRight } from "lucide-react";

import { EmptyFace, ErrorFace, LoadingRows } from "@/components/ui/faces";
import { ListTime } from "@/components/ui/time";
import {
  ageOf,
  lagText,
  leadKey,
  spreadKey,
  tallyOf,
  widestFirst,
  type Lead,
  type Spread,
} from "@/features/cross/model";
import { useExchangeTitle } from "@/lib/exchange-names";
import { age, decimal, happening, percent, price } from "@/lib/format";
import { useFold } from "@/lib/link";
import { applyCross, CROSS_TOPIC, crossQuery } from "@/lib/resources/cross";

export function CrossPanel() {
  const query = useQuery(crossQuery);
  useFold(CROSS_TOPIC, crossQuery.queryKey, applyCross);
  const found = query.data;
  return (
    <section aria-label="Across exchanges" className="flex h-full min-h-0 flex-col">
      <h2 className="sr-only">Across exchanges</h2>
      {query.isError && found === undefined && <ErrorFace error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows rows={8} />}
      {found !== undefined && (
        <div data-stale={query.isError} className="min-h-0 flex-1 overflow-y-auto">
          <Heading title="Spreads" note={`more than ${decimal(found.leastNetPercent, 2)} % after all costs`} />
          {found.spreads.length === 0 ? (
            <EmptyFace title="No spread is worth it">
              Both taker fees and {decimal(found.slippage * 100, 2)} % of slippage on each side eat up what there is.
            </EmptyFace>
          ) : (
            <ul className="live">
              {widestFirst(found.spreads).map((spread) => (
                <SpreadRow key={spreadKey(spread)} spread={spread} now={found.time} />
              ))}
            </ul>
          )}
          <Leads leads={found.leads} />
          <p className="border-t border-line px-4 py-3 text-2xs text-faint">
            Signals for people: nothing is traded. Prices in dollars, stable coins at their own price; both of a pair
            are at most 10 s old.
          </p>
        </div>
      )}
    </section>
  );
}

function Heading({ title, note }: { title: string; note: string }) {
  return (
    <p className="flex items-baseline gap-2 px-4 pt-3 pb-1.5">
      <span className="text-xs font-semibold">{title}</span>
      <span className="text-2xs text-faint">{note}</span>
    </p>
  );
}

function SpreadRow({ spread, now }: { spread: Spread; now: number }) {
  const exchangeTitle = useExchangeTitle();
  const { base, buy, sell, netPercent, grossPercent } = spread;
  const old = ageOf(spread, now);
  return (
    <li className="border-b border-line/70 px-4 py-2">
      <p className="flex items-baseline gap-2 text-sm">
        <strong className="font-semibold">{base}</strong>
        <span className="num text-2xs text-faint">{old < 1000 ? "now" : `${age(old)} old`}</span>
        <span className="num ml-auto font-semibold text-good">{percent(netPercent)}</span>
      </p>
      <p className="num mt-0.5 flex items-center gap-1.5 text-xs text-muted">
        <span className="truncate" title={`Buy ${buy.symbol}`}>
          {exchangeTitle(buy.exchangeName)} {price(buy.priceUsd)}
        </span>
        <ArrowRight aria-label="to" className="size-3 shrink-0 text-faint" />
        <span className="truncate" title={`Sell ${sell.symbol}`}>
          {exchangeTitle(sell.exchangeName)} {price(sell.priceUsd)}
        </span>
        <span className="ml-auto shrink-0 text-2xs text-faint" title="before fees and slippage">
          {percent(grossPercent)} gross
        </span>
      </p>
    </li>
  );
}

function Leads({ leads }: { leads: readonly Lead[] }) {
  const exchangeTitle = useExchangeTitle();
  const [first] = tallyOf(leads);
  return (
    <>
      <div className="mt-2 border-t border-line">
        <Heading
          title="Who says it first"
          note={
            first === undefined
              ? "the same alert, first here, then there"
              : `${exchangeTitle(first.leader)} before ${exchangeTitle(first.follower)} ${first.times}×`
          }
        />
      </div>
      {leads.length === 0 && (
        <EmptyFace title="Nobody leads">No two exchanges have raised the same alert one after the other.</EmptyFace>
      )}
      <ul className="live">
        {leads.map((lead) => (
          <li key={leadKey(lead)} className="border-b border-line/70 px-4 py-2">
            <p className="flex items-baseline gap-2 text-sm">
              <strong className="font-semibold">{lead.base}</strong>
              <span className="num text-xs text-muted">{lead.timeframe}</span>
              <span className="truncate text-xs">{happening(lead.label)}</span>
              <span className="ml-auto shrink-0 text-xs text-faint">
                <ListTime at={lead.time} />
              </span>
            </p>
            <p className="mt-0.5 flex items-center gap-1.5 text-xs text-muted">
              <AlertLink id={lead.leaderAlertId}>{exchangeTitle(lead.leaderExchange)}</AlertLink>
              <ArrowRight aria-label="then" className="size-3 shrink-0 text-faint" />
              <AlertLink id={lead.followerAlertId}>{exchangeTitle(lead.followerExchange)}</AlertLink>
              <span className="num ml-auto text-2xs text-faint">{lagText(lead)}</span>
            </p>
          </li>
        ))}
      </ul>
    </>
  );
}

function AlertLink({ id, children }: { id: string; children: string }) {
  return (
    <Link to="/alerts/$id" params={{ id }} className="truncate underline-offset-2 hover:text-text hover:underline">
      {children}
    </Link>
  );
}
