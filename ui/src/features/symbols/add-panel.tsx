/** Search what the exchange lists, and watch it: what is no symbol of this exchange cannot be asked for. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Check, Plus } from "lucide-react";
import { useState, type KeyboardEvent } from "react";

import { CommandBadge } from "@/components/command-state";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { EmptyFace, ErrorFace, LoadingRows } from "@/components/ui/faces";
import { SearchInput } from "@/components/ui/input";
import { isOutdated, Retrying } from "@/components/ui/retrying";
import { first } from "@/features/symbols/first";
import { arriving } from "@/features/symbols/model";
import { TierChoice } from "@/features/symbols/tier-choice";
import { classes } from "@/lib/classes";
import { compact } from "@/lib/format";
import type { Ordered, Wish } from "@/lib/orders";
import { hasFailed, type Step } from "@/lib/resources/commands";
import { instrumentsQuery, type Instrument } from "@/lib/resources/symbols";
import { useSettled } from "@/lib/settled";

const PAUSE_MS = 200;

interface AddPanelProps {
  exchange: string;
  isOpen: boolean;
  isAdmin: boolean;
  orders: readonly Ordered[];
  onOrder: (wish: Wish) => void;
  onClose: () => void;
}

export function AddPanel(props: AddPanelProps) {
  return (
    <Dialog title="Add a symbol" place="drawer" isOpen={props.isOpen} onClose={props.onClose}>
      <Finder {...props} />
    </Dialog>
  );
}

function Finder({ exchange, isAdmin, orders, onOrder }: AddPanelProps) {
  const [text, setText] = useState("");
  const [tier, setTier] = useState(isAdmin ? 1 : 2);
  const [at, setAt] = useState(0);
  const words = useSettled(text.trim(), PAUSE_MS);
  const query = useQuery({ ...instrumentsQuery(exchange, words), placeholderData: keepPreviousData });
  const found = query.data?.items ?? [];
  const chosen = found[Math.min(at, found.length - 1)];
  const steps = arriving(orders, tier);
  const add = (one: Instrument): void => {
    const step = steps.get(one.symbol);
    const isFree = step === undefined || hasFailed(step);
    if (isFree && one.isTrading && !(one.isWatched && tier === 1)) onOrder({ kind: "add", symbol: one.symbol, tier });
  };
  const press = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setAt((old) => Math.max(0, Math.min(found.length - 1, old + step)));
    else if (event.key === "Enter" && chosen !== undefined) add(chosen);
    else return;
    event.preventDefault();
  };
  return (
    <div className="flex h-[calc(100dvh-5.5rem)] flex-col gap-3">
      <div onKeyDown={press}>
        <SearchInput
          ref={first}
          label="Search what the exchange lists"
          placeholder="BTC, SOL-USD, …"
          value={text}
          onChange={(next) => {
            setText(next);
            setAt(0);
          }}
        />
      </div>
      <TierChoice tier={tier} isAdmin={isAdmin} onChange={setTier} />
      <div className="-mx-5 min-h-0 flex-1 overflow-y-auto border-t border-line">
        {query.isError && query.data === undefined && (
          <ErrorFace error={query.error} onRetry={() => void query.refetch()} />
        )}
        <Retrying query={query} className="px-5" />
        {query.isPending && <LoadingRows rows={10} className="px-5" />}
        {query.data !== undefined && found.length === 0 && (
          <EmptyFace title="The exchange lists no such symbol">
            A symbol is spelled BASE-QUOTE, as BTC-USD; a part of it is enough.
          </EmptyFace>
        )}
        <ul aria-label="Listed symbols" aria-busy={query.isFetching} className={isOutdated(query) ? "opacity-60" : ""}>
          {found.map((one, index) => (
            <Candidate
              key={one.symbol}
              one={one}
              isChosen={index === Math.min(at, found.length - 1)}
              step={steps.get(one.symbol) ?? null}
              isWatched={(one.isWatched && tier === 1) || steps.get(one.symbol) === "done"}
              onAdd={() => add(one)}
            />
          ))}
        </ul>
        {query.data?.next != null && (
          <p className="px-5 py-3 text-xs text-faint">There are more; a few letters of the name narrow them down.</p>
        )}
      </div>
    </div>
  );
}

interface CandidateProps {
  one: Instrument;
  isChosen: boolean;
  step: Step | null;
  isWatched: boolean;
  onAdd: () => void;
}

function Candidate({ one, isChosen, step, isWatched, onAdd }: CandidateProps) {
  return (
    <li
      className={classes(
        "flex h-11 items-center gap-3 border-b border-line/50 px-5",
        isChosen && "bg-hover shadow-[inset_3px_0_0_var(--accent)]",
      )}
    >
      <span className="min-w-0 flex-1 truncate text-sm font-medium">
        {one.base}
        <span className="text-xs font-normal text-faint">-{one.quote}</span>
      </span>
      <span className="num text-xs text-muted" title="Volume over 24 h in the quote currency">
        {compact(one.quoteVolume24h)}
      </span>
      <span className="flex w-30 justify-end">
        {step !== null && step !== "done" ? (
          <CommandBadge step={step} />
        ) : isWatched ? (
          <span className="flex items-center gap-1 text-xs text-good">
            <Check aria-hidden="true" className="size-3.5" /> Watched
          </span>
        ) : !one.isTrading ? (
          <Badge tone="off" title="The exchange lists it, but does not trade it now">
            not traded
          </Badge>
        ) : (
          <Button size="small" aria-label={`Watch ${one.symbol}`} onClick={onAdd}>
            <Plus aria-hidden="true" /> Watch
          </Button>
        )}
      </span>
    </li>
  );
}
