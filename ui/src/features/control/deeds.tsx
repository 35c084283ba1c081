/** What can be ordered beside starting and stopping: rules, data, and what the exchange itself has to be asked. */
import { useQuery } from "@tanstack/react-query";
import { useId, useState, type ReactNode } from "react";

import { Button } from "@/components/ui/button";
import { Card, CardHead } from "@/components/ui/card";
import { TypedConfirmation } from "@/components/ui/dialog";
import { Input, Select } from "@/components/ui/input";
import { Toggles } from "@/components/ui/toggles";
import { symbolsIn } from "@/features/control/model";
import { count } from "@/lib/format";
import type { Wish } from "@/lib/orders";
import type { CommandType } from "@/lib/resources/commands";
import { symbolsQuery } from "@/lib/resources/symbols";
import { TIMEFRAMES, type Timeframe } from "@/lib/time";

interface DeedsProps {
  exchange: string;
  /** The mode in which its instance is now, or null where that is not known. */
  mode: Mode | null;
  onOrder: (wish: Wish) => void;
}

const MOST_CANDLES = 1000;

export function Deeds({ exchange, mode, onOrder }: DeedsProps) {
  const order = (type: CommandType, payload: Record<string, unknown> = {}): void =>
    onOrder({ kind: "command", type, payload });
  return (
    <>
      <Card aria-label="Rules">
        <CardHead title="Rules" />
        <div className="divide-y divide-line/70">
          <ModeDeed current={mode} onOrder={order} />
          <Deed title="Settings" note="Read those of its admin again and go by them from the next batch on.">
            <Button size="small" onClick={() => order("reload-settings")}>
              Reload
            </Button>
          </Deed>
        </div>
      </Card>
      <Card aria-label="Data">
        <CardHead title="Data" />
        <div className="divide-y divide-line/70">
          <Backfill exchange={exchange} onOrder={order} />
          <ClearCache exchange={exchange} onOrder={order} />
        </div>
      </Card>
      <Card aria-label="Exchange">
        <CardHead title="Exchange" />
        <div className="divide-y divide-line/70">
          <Deed title="Connection" note="Try to reach it, and whether it takes our credentials.">
            <Button size="small" onClick={() => order("test-connection")}>
              Test
            </Button>
          </Deed>
          <Deed title="Listing" note="Read again which symbols it trades.">
            <Button size="small" onClick={() => order("refresh-products")}>
              Refresh
            </Button>
          </Deed>
          <Deed title="Account" note="Read the balances of its admin again.">
            <Button size="small" onClick={() => order("sync-accounts")}>
              Sync
            </Button>
          </Deed>
        </div>
      </Card>
    </>
  );
}

type Send = (type: CommandType, payload?: Record<string, unknown>) => void;

function Deed({ title, note, children }: { title: string; note: ReactNode; children: ReactNode }) {
  return (
    <div className="flex items-center gap-3 px-4 py-2.5">
      <div className="min-w-0 flex-1">
        <p className="text-sm font-medium">{title}</p>
        <p className="text-xs text-muted">{note}</p>
      </div>
      {children}
    </div>
  );
}

const MODES = [
  { value: "scalper-macdv", label: "scalper-macdv", note: "All symbols by all rules." },
  { value: "position-monitor", label: "position-monitor", note: "Only symbols that its admin holds." },
] as const;
type Mode = (typeof MODES)[number]["value"];

function ModeDeed({ current, onOrder }: { current: Mode | null; onOrder: Send }) {
  const [wanted, setWanted] = useState<Mode | null>(null);
  const mode = wanted ?? current ?? "scalper-macdv";
  return (
    <div className="space-y-2 px-4 py-2.5">
      <p className="text-sm font-medium">Mode</p>
      <div className="flex gap-2">
        <Select label="Mode" value={mode} options={MODES} onChange={setWanted} className="flex-1" />
        <Button disabled={mode === current} onClick={() => onOrder("switch-mode", { mode })}>
          Switch
        </Button>
      </div>
      <p className="text-xs text-muted">
        {MODES.find((one) => one.value === mode)?.note}
        {mode === current && " This is its mode now."}
      </p>
    </div>
  );
}

interface SymbolsFieldProps {
  label: string;
  exchange: string;
  text: string;
  onText: (text: string) => void;
  placeholder: string;
}

/** A field for symbols that are watched, separated by commas; what is not watched is named. */
function SymbolsField({ label, exchange, text, onText, placeholder }: SymbolsFieldProps) {
  const watched =
    useQuery(symbolsQuery(exchange))
      .data?.filter((one) => one.isActive)
      .map((one) => one.symbol) ?? [];
  const { unknown } = symbolsIn(text, watched);
  const list = useId();
  const note = useId();
  const isWrong = unknown.length > 0 && watched.length > 0;
  return (
    <div className="space-y-1">
      <Input
        aria-label={label}
        aria-invalid={isWrong}
        aria-describedby={isWrong ? note : undefined}
        list={list}
        value={text}
        placeholder={placeholder}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onText(event.target.value)}
      />
      <datalist id={list}>
        {watched.map((symbol) => (
          <option key={symbol} value={symbol} />
        ))}
      </datalist>
      {isWrong && (
        <p id={note} className="text-xs break-words text-bad">
          Not watched here: {unknown.slice(0, 4).join(", ")}
        </p>
      )}
    </div>
  );
}

function Backfill({ exchange, onOrder }: { exchange: string; onOrder: Send }) {
  const [text, setText] = useState("");
  const [frames, setFrames] = useState<readonly Timeframe[]>([]);
  const [candles, setCandles] = useState("");
  const watched =
    useQuery(symbolsQuery(exchange))
      .data?.filter((one) => one.isActive)
      .map((one) => one.symbol) ?? [];
  const { symbols, unknown } = symbolsIn(text, watched);
  const wanted = Number(candles);
  const isCountFit = candles === "" || (Number.isInteger(wanted) && wanted >= 1 && wanted <= MOST_CANDLES);
  const isFit = symbols.length > 0 && unknown.length === 0 && isCountFit;
  return (
    <form
      className="space-y-2 px-4 py-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isFit) return;
        onOrder("force-backfill", {
          symbols,
          ...(frames.length > 0 && { timeframes: frames }),
          ...(candles !== "" && { candles: wanted }),
        });
        setText("");
      }}
    >
      <p className="text-sm font-medium">Backfill</p>
      <p className="text-xs text-muted">Fetch history anew and compare it with what is there.</p>
      <SymbolsField
        label="Symbols to backfill"
        exchange={exchange}
        text={text}
        onText={setText}
        placeholder={watched.slice(0, 2).join(", ")}
      />
      <div className="flex items-center gap-2">
        <Toggles label="Timeframes, none for all" options={TIMEFRAMES} chosen={frames} onChange={setFrames} />
        <Input
          aria-label="Candles"
          aria-invalid={!isCountFit}
          inputMode="numeric"
          value={candles}
          placeholder="candles"
          title={`1 to ${count(MOST_CANDLES)}; as many as are kept where nothing is said`}
          onChange={(event) => setCandles(event.target.value.trim())}
          className="h-7 w-16 min-w-0 flex-1 text-xs"
        />
        <Button type="submit" size="small" disabled={!isFit}>
          Backfill
        </Button>
      </div>
    </form>
  );
}

function ClearCache({ exchange, onOrder }: { exchange: string; onOrder: Send }) {
  const [text, setText] = useState("");
  const [isAsking, setAsking] = useState(false);
  const watched =
    useQuery(symbolsQuery(exchange))
      .data?.filter((one) => one.isActive)
      .map((one) => one.symbol) ?? [];
  const { symbols, unknown } = symbolsIn(text, watched);
  const isAll = text.trim() === "";
  const what = isAll ? `all ${count(watched.length)} symbols` : symbols.join(", ");
  return (
    <div className="space-y-2 px-4 py-3">
      <p className="text-sm font-medium">Clear cache</p>
      <p className="text-xs text-muted">Drop candles and readings, and fetch them anew. No symbol named means all.</p>
      <div className="flex items-start gap-2">
        <div className="flex-1">
          <SymbolsField
            label="Symbols to clear"
            exchange={exchange}
            text={text}
            onText={setText}
            placeholder="all symbols"
          />
        </div>
        <Button weight="danger" disabled={unknown.length > 0} onClick={() => setAsking(true)}>
          Clear…
        </Button>
      </div>
      <TypedConfirmation
        title="Clear the cache"
        word={isAll ? exchange : "clear"}
        deed="Clear it"
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        onConfirm={() => {
          onOrder("clear-cache", isAll ? { confirm: true } : { symbols });
          setText("");
        }}
      >
        Candles and readings of <strong className="font-semibold break-words text-text">{what}</strong> are dropped and
        fetched anew. Until they are warm again they raise no alerts.
      </TypedConfirmation>
    </div>
  );
}
