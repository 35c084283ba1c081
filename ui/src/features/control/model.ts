/** What commands are called, what they say of themselves, and which of them suits the state of an instance. */
import type { Instance } from "@/api/shapes";
import { count, duration, milliseconds } from "@/lib/format";
import type { Ordered } from "@/lib/orders";
import { hasFailed, type Command, type CommandType } from "@/lib/resources/commands";

const TITLES: Readonly<Record<CommandType, string>> = {
  start: "Start",
  stop: "Stop",
  pause: "Pause",
  resume: "Resume",
  "reload-settings": "Reload settings",
  "switch-mode": "Switch mode",
  "force-backfill": "Backfill",
  "clear-cache": "Clear cache",
  "add-symbol": "Add symbol",
  "remove-symbol": "Remove symbol",
  "bulk-add-symbols": "Add symbols",
  "refresh-products": "Refresh listing",
  "sync-accounts": "Sync account",
  "test-connection": "Test connection",
};

/** What a command is called; one that a newer server invented keeps its own word. */
export function titleOf(type: string | null): string {
  if (type === null) return "Unreadable command";
  return Object.hasOwn(TITLES, type) ? TITLES[type as CommandType] : type;
}

const NAMED = 4;

function named(value: unknown): string {
  if (!Array.isArray(value)) return "";
  const words = value.map(String);
  return words.length <= NAMED
    ? words.join(", ")
    : `${words.slice(0, NAMED).join(", ")} and ${words.length - NAMED} more`;
}

/** What a payload says in a few words. */
export function gistOf(payload: Readonly<Record<string, unknown>>): string {
  const { symbol, symbols, timeframes, candles, mode, tier, confirm } = payload;
  const parts = [
    typeof symbol === "string" ? symbol : "",
    named(symbols),
    symbols === undefined && confirm === true ? "all symbols" : "",
    typeof mode === "string" ? mode : "",
    named(timeframes),
    typeof candles === "number" ? `${count(candles)} candles` : "",
    tier === 2 ? "for one user" : "",
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

/** How long a command took from the request to its end, or null while it has none. */
export function lastedOf(command: Command): string | null {
  if (command.endedAt === null || command.issuedAt === null) return null;
  const lasted = Math.max(0, command.endedAt - command.issuedAt);
  return lasted < 60_000 ? milliseconds(lasted) : duration(lasted);
}

/** What came of a command in one line: its error, its verdicts in numbers, or that nothing had to be changed. */
export function outcomeOf(command: Command): string {
  if (command.error !== null) return command.error.message;
  const { details } = command;
  if (command.step !== "done") return command.progress?.text ?? "";
  if (details.isChanged === false && details.verdicts === undefined) return "There was nothing to change";
  if (typeof details.verdicts === "object" && details.verdicts !== null) return tally(Object.values(details.verdicts));
  if (typeof details.series === "number") return many(details.series, "series", "series") + " compared";
  if (typeof details.cleared === "number") return many(details.cleared, "symbol") + " fetched anew";
  if (Array.isArray(details.changed))
    return details.changed.length === 0 ? "Nothing was different" : many(details.changed.length, "value") + " changed";
  if (typeof details.listed === "number") return many(details.listed, "symbol") + " listed";
  if (typeof details.symbols === "number") return many(details.symbols, "symbol") + " watched";
  return "";
}

function many(total: number, one: string, several = `${one}s`): string {
  return `${count(total)} ${total === 1 ? one : several}`;
}

function tally(verdicts: readonly unknown[]): string {
  const counts = new Map<string, number>();
  for (const verdict of verdicts) counts.set(String(verdict), (counts.get(String(verdict)) ?? 0) + 1);
  return [...counts].map(([word, total]) => (verdicts.length === 1 ? word : `${total} ${word}`)).join(", ");
}

/** The commands of an instance's life that make sense where it is now; the others are offered more quietly. */
export function suitableFor(instance: Instance | undefined): ReadonlySet<CommandType> {
  const isThere = instance?.liveness === "live" || instance?.liveness === "stale";
  const status = isThere ? instance.status : null;
  if (status === null || status.connectionState === "idle" || status.connectionState === "stopped")
    return new Set<CommandType>(["start"]);
  if (status.connectionState === "stopping") return new Set();
  if (status.pausedBy !== null) return new Set<CommandType>(["resume", "stop"]);
  return new Set<CommandType>(status.connectionState === "active" ? ["pause", "stop"] : ["stop"]);
}

export interface Row {
  readonly key: string;
  readonly command: Command | null;
  readonly ordered: Ordered | null;
}

/** The commands, with what this page has asked for and nobody has told of yet on top; nothing stands there twice. */
export function rowsOf(
  commands: readonly Command[],
  orders: readonly Ordered[],
  show: "failed" | undefined,
): readonly Row[] {
  const known = new Set(commands.map((one) => one.correlationId));
  const asked = orders
    .filter(({ order, command }) => !known.has(command?.correlationId ?? order.id))
    .filter(({ order, command }) => order.wish.kind === "command" || command !== null);
  const rows: Row[] = [
    ...asked.map((ordered) => ({
      key: ordered.command?.correlationId ?? ordered.order.id,
      command: ordered.command,
      ordered,
    })),
    ...commands.map((command) => ({ key: command.correlationId, command, ordered: null })),
  ];
  if (show === undefined) return rows;
  return rows.filter(({ command, ordered }) =>
    command === null ? ordered?.problem !== null : hasFailed(command.step),
  );
}

export interface Named {
  readonly symbols: readonly string[];
  readonly unknown: readonly string[];
}

/** The symbols that a text names, apart from those that are not watched. */
export function symbolsIn(text: string, watched: readonly string[]): Named {
  const words = [
    ...new Set(
      text
        .toUpperCase()
        .split(/[\s,;]+/)
        .filter((word) => word !== ""),
    ),
  ];
  const known = new Set(watched);
  return { symbols: words.filter((word) => known.has(word)), unknown: words.filter((word) => !known.has(word)) };
}
