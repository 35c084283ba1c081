/** Paste a list: every line has its verdict before anything is asked of an instance. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Check, CircleSlash, X } from "lucide-react";
import { useState } from "react";

import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { ErrorFace } from "@/components/ui/faces";
import { Retrying } from "@/components/ui/retrying";
import { first } from "@/features/symbols/first";
import { tallyOf, toneOfVerdict, withBareLines } from "@/features/symbols/model";
import { TierChoice } from "@/features/symbols/tier-choice";
import { count } from "@/lib/format";
import type { Wish } from "@/lib/orders";
import { planQuery, type LineVerdict } from "@/lib/resources/symbols";
import { useSettled } from "@/lib/settled";

const PAUSE_MS = 350;
const LONGEST = 100_000;

interface ImportPanelProps {
  exchange: string;
  isOpen: boolean;
  isAdmin: boolean;
  onOrder: (wish: Wish) => void;
  onClose: () => void;
}

export function ImportPanel(props: ImportPanelProps) {
  return (
    <Dialog title="Import a list of symbols" place="drawer" isOpen={props.isOpen} onClose={props.onClose}>
      <Importer {...props} />
    </Dialog>
  );
}

function Importer({ exchange, isAdmin, onOrder, onClose }: ImportPanelProps) {
  const [text, setText] = useState("");
  const [tier, setTier] = useState(isAdmin ? 1 : 2);
  const settled = useSettled(text, PAUSE_MS);
  const plan = useQuery({ ...planQuery(exchange, settled, tier), placeholderData: keepPreviousData });
  const isCurrent = settled === text && !plan.isFetching && !plan.isPlaceholderData;
  const verdicts = text.trim() === "" || plan.data === undefined ? [] : withBareLines(settled, plan.data.verdicts);
  const tally = tallyOf(verdicts);
  const send = (): void => {
    onOrder({ kind: "import", text, tier, count: tally.fresh });
    onClose();
  };
  return (
    <div className="flex h-[calc(100dvh-5.5rem)] flex-col gap-3">
      <textarea
        ref={first}
        aria-label="List of symbols"
        value={text}
        onChange={(event) => setText(event.target.value.slice(0, LONGEST))}
        placeholder={'BTC-USD\neth/usd, SOL-USD\n# a comment\n["LINK-USD"]'}
        spellCheck={false}
        className="num h-40 w-full shrink-0 resize-y rounded-md border border-line-strong bg-raised px-2.5 py-2 font-mono text-xs text-text placeholder:text-faint"
      />
      <TierChoice tier={tier} isAdmin={isAdmin} onChange={setTier} />
      <div className="-mx-5 min-h-0 flex-1 overflow-y-auto border-y border-line" aria-busy={!isCurrent}>
        <Retrying query={plan} className="px-5" />
        {text.trim() === "" ? (
          <p className="px-5 py-4 text-xs text-muted">
            One symbol a line, separated by commas, or a JSON array. Nothing is asked for before you have seen what each
            of them means here.
          </p>
        ) : plan.isError && isCurrent ? (
          <ErrorFace error={plan.error} onRetry={() => void plan.refetch()} />
        ) : (
          <>
            {isCurrent && verdicts.length === 0 && (
              <p className="px-5 py-4 text-xs text-muted">Nothing in this list names a symbol.</p>
            )}
            <ol aria-label="Verdicts">
              {verdicts.map((verdict, index) => (
                <VerdictLine key={index} verdict={verdict} />
              ))}
            </ol>
          </>
        )}
      </div>
      <div className="flex items-center gap-3">
        <p role="status" className="num min-w-0 flex-1 text-xs text-muted">
          {text.trim() === ""
            ? ""
            : !isCurrent
              ? "Looking at the list…"
              : `${count(tally.fresh)} to add · ${count(tally.idle)} known already · ${count(tally.wrong)} cannot be added`}
        </p>
        <Button weight="primary" disabled={!isCurrent || plan.isError || tally.fresh === 0} onClick={send}>
          Watch {tally.fresh > 0 ? count(tally.fresh) : ""}
        </Button>
      </div>
    </div>
  );
}

const MARKS = {
  good: <Check aria-label="to be added" className="size-3.5 text-good" />,
  off: <CircleSlash aria-label="left out" className="size-3.5 text-off" />,
  bad: <X aria-label="cannot be added" className="size-3.5 text-bad" />,
} as const;

function VerdictLine({ verdict }: { verdict: LineVerdict }) {
  const tone = toneOfVerdict(verdict);
  return (
    <li className="grid grid-cols-[1.75rem_1.25rem_minmax(5rem,auto)_minmax(0,1fr)] items-baseline gap-x-2 border-b border-line/50 px-5 py-1.5 text-xs">
      <span className="num text-right text-faint">{verdict.line}</span>
      <span className="self-center">{MARKS[tone]}</span>
      <span className="max-w-40 truncate font-medium" title={verdict.text}>
        {verdict.symbol ?? verdict.text}
      </span>
      <span className={tone === "bad" ? "text-bad" : "text-muted"}>
        {verdict.reason ?? (verdict.text === verdict.symbol ? "to be added" : `to be added, from ${verdict.text}`)}
      </span>
    </li>
  );
}
