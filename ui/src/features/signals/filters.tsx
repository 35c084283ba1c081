/** The filters of the matrix; each of them is in the address, so that a view can be kept as a bookmark. */
import { RotateCcw } from "lucide-react";
import type { Ref } from "react";

import { TIERS, type SignalsSearch } from "@/features/signals/search";
import { Views } from "@/features/signals/views-menu";
import { Button } from "@/components/ui/button";
import { SearchInput, Select } from "@/components/ui/input";
import { Segments } from "@/components/ui/tabs";
import { StageGlyph } from "@/components/ui/stage-glyph";
import { classes } from "@/lib/classes";
import { STAGE_LOOKS, STAGES, type Stage } from "@/lib/colours";
import { count } from "@/lib/format";
import { TIMEFRAMES, type Timeframe } from "@/lib/time";

interface FiltersProps {
  search: SignalsSearch;
  exchange: string;
  exchanges: readonly { readonly name: string; readonly title: string }[];
  counts: Readonly<Record<Stage, number>> | null;
  searchRef: Ref<HTMLInputElement>;
  isMoved: boolean;
  onChange: (change: Partial<Record<keyof SignalsSearch, string | number | boolean | undefined>>) => void;
  onSortAgain: () => void;
  onView: (search: SignalsSearch) => void;
}

const ANY = "any";

export function Filters({
  search,
  exchange,
  exchanges,
  counts,
  searchRef,
  isMoved,
  onChange,
  onSortAgain,
  onView,
}: FiltersProps) {
  const options = exchanges.map(({ name, title }) => ({ value: name, label: title }));
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line px-3 py-2">
      {exchanges.length <= 4 ? (
        <Segments
          label="Exchange"
          value={exchange}
          options={options}
          onChange={(value) => onChange({ exchange: value })}
        />
      ) : (
        <Select
          label="Exchange"
          value={exchange}
          options={options}
          onChange={(value) => onChange({ exchange: value })}
          className="w-36"
        />
      )}
      <SearchInput
        ref={searchRef}
        label="Find a symbol"
        placeholder="Find a symbol  /"
        value={search.q ?? ""}
        onChange={(q) => onChange({ q: q === "" ? undefined : q })}
        className="w-44"
      />
      <Views search={search} onView={onView} />
      <Select
        label="Timeframe of the stage filter"
        value={search.tf ?? ANY}
        options={[
          { value: ANY, label: "Any timeframe" },
          ...TIMEFRAMES.map((one) => ({ value: one, label: `On ${one}` })),
        ]}
        onChange={(value: Timeframe | typeof ANY) => onChange({ tf: value === ANY ? undefined : value })}
        className="w-36"
      />
      <Select
        label="Tier"
        value={search.tier === undefined ? ANY : String(search.tier)}
        options={[
          { value: ANY, label: "Any tier" },
          ...TIERS.map((one) => ({ value: String(one), label: `Tier ${one}` })),
        ]}
        onChange={(value) => onChange({ tier: value === ANY ? undefined : Number(value) })}
        className="w-26"
      />
      <div role="group" aria-label="Stage" className="flex max-w-full gap-1 overflow-x-auto py-0.5">
        {STAGES.filter((stage) => stage !== "unknown").map((stage) => (
          <StageButton
            key={stage}
            stage={stage}
            count={counts?.[stage] ?? null}
            isChosen={search.stage === stage}
            onPress={() => onChange({ stage: search.stage === stage ? undefined : stage })}
          />
        ))}
      </div>
      {isMoved && (
        <Button
          size="small"
          weight="quiet"
          onClick={onSortAgain}
          title="Values have moved since these rows were listed; they stay as they are until you ask."
        >
          <RotateCcw aria-hidden="true" /> {search.sort === undefined ? "Filter again" : "Sort again"}
        </Button>
      )}
    </div>
  );
}

function StageButton({
  stage,
  count: total,
  isChosen,
  onPress,
}: {
  stage: Stage;
  count: number | null;
  isChosen: boolean;
  onPress: () => void;
}) {
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      onClick={onPress}
      className={classes(
        "flex h-7 items-center gap-1.5 rounded-md border border-line px-2 text-xs whitespace-nowrap text-muted hover:bg-hover hover:text-text",
        isChosen && "border-line-strong bg-hover text-text",
      )}
    >
      <StageGlyph stage={stage} />
      {STAGE_LOOKS[stage].label}
      <span className="num text-faint">{count(total)}</span>
    </button>
  );
}
