/** The made-up market's desk: symbols, and commands that take their time. */
import { dice, seedOf } from "./market.ts";
import { EXCHANGES, type FixtureOptions, type Json } from "./world.ts";

interface Reply {
  readonly code: number;
  readonly body: unknown;
}

/** Answers a request, or null where it is not about something of this desk. */
export type Extension = (method: string, path: string, query: URLSearchParams, body: Json) => Reply | null;

export interface DeskWorld {
  readonly symbols: (exchange: string) => readonly (readonly [string, number])[];
  readonly tell: (topic: string, data: unknown) => void;
}

const LISTED = ["JUP", "TIA", "WIF", "RENDER", "IMX", "STX", "FET", "SEI", "ENA", "PYTH", "JTO", "RUNE", "KAS", "TON"];
export const ok = (body: unknown, code = 200): Reply => ({ code, body });
export const no = (code: number, title: string, detail: string, name: string): Reply => ({
  code,
  body: { title, status: code, detail, code: name },
});

interface Row extends Json {
  symbol: string;
  tier: number;
}

export function makeDesk(options: FixtureOptions, world: DeskWorld): Extension {
  const chance = dice(23);
  const began = options.now();
  const isEmpty = options.mood === "empty";
  const idOf = (exchange: string): number => EXCHANGES.find((one) => one.name === exchange)?.id ?? 0;
  const watched = new Map<string, Row[]>();
  const commands = new Map<string, Json[]>();

  const rowOf = (symbol: string, rank: number | null, tier = 1): Row => {
    const isThin = seedOf(symbol) % 5 === 0;
    return {
      symbol,
      tier,
      rank,
      volume: rank === null ? null : (1.9e9 / rank ** 1.4).toFixed(2),
      user: tier === 2 ? "u1" : null,
      isActive: seedOf(symbol) % 19 !== 0,
      quality: {
        candles: isThin ? 171 : 300,
        convergence: isThin ? 0.0034 : 2.1e-5,
        emptyRatio: isThin ? 0.16 : 0,
        newestClose: Math.floor(options.now() / 300_000) * 300_000 - (seedOf(symbol) % 23 === 0 ? 900_000 : 0),
      },
    };
  };
  const rowsOf = (exchange: string): Row[] => {
    let rows = watched.get(exchange);
    if (rows === undefined) {
      rows = isEmpty ? [] : world.symbols(exchange).map(([symbol], at) => rowOf(symbol, at + 1));
      if (rows.length > 0) rows.push({ ...rowOf("JUP-USD", null, 2), quality: null, isActive: true });
      watched.set(exchange, rows);
    }
    return rows;
  };
  const listingOf = (exchange: string): Json[] => {
    const quote = EXCHANGES.find((one) => one.name === exchange)?.quote ?? "USD";
    const known = world.symbols(exchange).map(([symbol]) => symbol);
    const all = [...known, ...LISTED.map((base) => `${base}-${quote}`), `OLD-${quote}`];
    return all.map((symbol, at) => ({
      symbol,
      base: symbol.split("-")[0],
      quote,
      isTrading: !symbol.startsWith("OLD"),
      quoteVolume24h: 1.9e9 / (at + 1) ** 1.4,
      isWatched: rowsOf(exchange).some((row) => row.symbol === symbol),
    }));
  };

  const history = (exchange: string): Json[] => {
    let found = commands.get(exchange);
    if (found === undefined) {
      found = isEmpty ? [] : pastCommands(exchange, idOf(exchange), began);
      commands.set(exchange, found);
    }
    return found;
  };
  const step = (exchange: string, command: Json, name: string, more: Json = {}): void => {
    Object.assign(command, { step: name }, more);
    const { type, payload, issuedBy, issuedAt, expiresAt, priority } = command;
    world.tell(`commands:${exchange}`, {
      correlationId: command.correlationId,
      exchangeId: command.exchangeId,
      step: name,
      time: options.now(),
      instanceId: command.instanceId,
      epoch: command.epoch,
      order: name === "heard" ? { type, payload, issuedBy, issuedAt, expiresAt, priority } : null,
      data: command.details,
      error: command.error,
    });
  };
  const progress = (exchange: string, command: Json, data: Json): void => {
    const time = options.now();
    const { correlationId, exchangeId, instanceId, epoch } = command;
    Object.assign(command, { progress: { ...data, time } });
    const news = {
      correlationId,
      exchangeId,
      step: "progress",
      time,
      instanceId,
      epoch,
      order: null,
      data,
      error: null,
    };
    world.tell(`commands:${exchange}`, news);
  };
  const order = (exchange: string, type: string, payload: Json, id?: string): Reply => {
    if (exchange === "binance_us") {
      return no(
        503,
        "Service Unavailable",
        "nobody listens for commands of binance_us; is an instance running?",
        "nobody_listens",
      );
    }
    const command: Json = {
      correlationId: id ?? `fx-${history(exchange).length}-${Math.floor(chance() * 1e6)}`,
      exchangeId: idOf(exchange),
      step: "heard",
      type,
      payload,
      issuedBy: "ada@example.org",
      issuedAt: options.now(),
      expiresAt: options.now() + 60_000,
      priority: 15,
      instanceId: "0f3a5c0e",
      epoch: 4,
      heardAt: options.now() + 4,
      beganAt: null,
      endedAt: null,
      progress: null,
      details: {},
      error: null,
    };
    history(exchange).unshift(command);
    step(exchange, command, "heard");
    setTimeout(() => step(exchange, command, "running", { beganAt: options.now() }), 350);
    const symbols = (payload.symbols ?? (payload.symbol === undefined ? [] : [payload.symbol])) as string[];
    const total =
      type.includes("add") || type.includes("back") || type === "clear-cache" ? 5 * symbols.length || 170 : 0;
    for (let done = 1; done < Math.min(total, 40); done += 1) {
      const share = Math.round((total * done) / Math.min(total, 40));
      setTimeout(
        () => progress(exchange, command, { done: share, total, text: `${share} of ${total} series ready` }),
        500 + done * 300,
      );
    }
    setTimeout(() => finish(exchange, command, type, symbols), total === 0 ? 900 : 700 + Math.min(total, 40) * 300);
    return ok({ ...command }, 202);
  };
  const finish = (exchange: string, command: Json, type: string, symbols: string[]): void => {
    const rows = rowsOf(exchange);
    const now = options.now();
    if (type === "test-connection" && exchange === "binance") {
      step(exchange, command, "failed", {
        endedAt: now,
        error: { code: "exchange_refused", message: "451: not available in your region" },
      });
      return;
    }
    let details: Json = { isChanged: true };
    if (type.includes("add-symbol")) {
      const payload = command.payload as Json;
      for (const symbol of symbols) rows.push(rowOf(symbol, null, Number(payload.tier ?? 1)));
      details = { verdicts: Object.fromEntries(symbols.map((one) => [one, "added"])), symbols: rows.length };
    } else if (type === "remove-symbol") {
      watched.set(
        exchange,
        rows.filter((row) => !symbols.includes(row.symbol)),
      );
      details = { verdicts: Object.fromEntries(symbols.map((one) => [one, "removed"])), symbols: rows.length - 1 };
    } else if (type === "test-connection") {
      details = { isReachable: true, latencyMs: 84, apiKeyEnv: "COINBASE_API_KEY: present", canTrade: false };
    }
    step(exchange, command, "done", { endedAt: now, details, progress: null });
  };

  const whole = (id: string): Reply => {
    const found = [...commands.values()].flat().find((one) => one.correlationId === id);
    return found === undefined
      ? no(404, "Not Found", "there is no such command", "not_found")
      : ok({ ...found, steps: stepsOf(found) });
  };

  return (method, path, query, body) => {
    const id = /^\/commands\/([^/]+)$/.exec(path)?.[1];
    if (id !== undefined) return whole(decodeURIComponent(id));
    const [, exchange = "", rest = ""] = /^\/exchanges\/([^/]+)\/(.+)$/.exec(path) ?? [];
    if (rest === "symbols" && method === "GET") return ok({ items: rowsOf(exchange), next: null });
    if (rest === "symbols")
      return order(exchange, "add-symbol", { symbol: String(body.symbol).toUpperCase(), tier: body.tier });
    if (rest === "instruments") {
      const words = (query.get("search") ?? "").toUpperCase();
      return ok({ items: listingOf(exchange).filter((one) => String(one.symbol).includes(words)), next: null });
    }
    if (rest === "symbols/plan") return ok(planOf(String(body.text), listingOf(exchange)));
    if (rest === "symbols/import") {
      const { symbols } = planOf(String(body.text), listingOf(exchange));
      return order(exchange, "bulk-add-symbols", { symbols, tier: body.tier });
    }
    if (rest.startsWith("symbols/"))
      return order(exchange, "remove-symbol", { symbol: decodeURIComponent(rest.slice(8)) });
    if (rest === "commands" && method === "POST")
      return order(exchange, String(body.type), body.payload as Json, body.correlationId as string);
    if (rest === "commands") {
      const from = Number(query.get("cursor") ?? 0);
      const all = history(exchange);
      return ok({ items: all.slice(from, from + 30), next: all.length > from + 30 ? String(from + 30) : null });
    }
    if (rest.startsWith("commands/")) {
      const found = history(exchange).find((one) => one.correlationId === rest.slice(9));
      return found === undefined ? no(404, "Not Found", "there is no such command", "not_found") : ok(found);
    }
    return null;
  };
}

/** The steps of a command, as far as it has got. */
function stepsOf(command: Json): Json[] {
  const { issuedAt, heardAt, beganAt, endedAt, step, instanceId, epoch, details, error } = command;
  const taken = { instanceId, epoch, details: {}, error: null };
  const sent = { ...taken, instanceId: null, epoch: null };
  return [
    { ...sent, step: "requested", time: issuedAt },
    { ...taken, step: "heard", time: heardAt },
    { ...taken, step: "running", time: beganAt },
    { ...taken, step, time: endedAt, details, error },
  ].filter((one) => typeof one.time === "number");
}

function planOf(text: string, listing: readonly Json[]): { verdicts: Json[]; symbols: string[] } {
  const symbols: string[] = [];
  const verdicts = text.split("\n").flatMap((line, at) =>
    line
      .split(/[\s,;]+/)
      .filter((entry) => entry !== "")
      .map((entry) => {
        const symbol = entry.toUpperCase().replace("/", "-");
        const found = listing.find((one) => one.symbol === symbol);
        const reason = !/^[A-Z0-9]+-[A-Z0-9]+$/.test(symbol)
          ? "is no symbol; one looks like BTC-USD"
          : symbols.includes(symbol)
            ? `${symbol} stands in the list twice`
            : found?.isTrading !== true
              ? `${symbol} is not traded on this exchange`
              : found.isWatched === true
                ? `${symbol} is watched already`
                : null;
        if (reason === null) symbols.push(symbol);
        return { line: at + 1, text: entry, symbol: reason === null ? symbol : null, reason };
      }),
  );
  return { verdicts, symbols };
}

const TYPES: readonly (readonly [string, Json, Json, string | null])[] = [
  ["bulk-add-symbols", { symbols: ["JUP-USD", "TIA-USD", "WIF-USD"], tier: 1 }, { isChanged: true, symbols: 37 }, null],
  ["reload-settings", {}, { changed: [], isApplied: true, ruleVersion: "macdv-1-0a1b2c3d" }, null],
  ["force-backfill", { symbols: ["ZEC-USD"], timeframes: ["5m", "1h"] }, { series: 2 }, null],
  ["switch-mode", { mode: "position-monitor" }, {}, "the admin holds nothing on this exchange"],
  ["pause", {}, { pausedBy: "ada@example.org", isChanged: true }, null],
  ["resume", {}, { state: "active", isChanged: true, symbols: 34 }, null],
  ["start", {}, { state: "active", isChanged: true, epoch: 4, symbols: 34 }, null],
  ["clear-cache", { symbols: ["GRT-USD"], confirm: false }, { cleared: 1, isWarm: true }, null],
  ["add-symbol", { symbol: "<img src=x onerror=alert(1)>-USD", tier: 1 }, {}, "<b>is unknown</b> at Coinbase"],
];

function pastCommands(exchange: string, exchangeId: number, began: number): Json[] {
  return Array.from({ length: 64 }, (_, at) => {
    const [type, payload, details, failure] = TYPES[at % TYPES.length] as (typeof TYPES)[number];
    const issuedAt = began - 240_000 - at * 3.9e6;
    const lasted = type === "force-backfill" ? 8200 : type === "start" ? 41_000 : 130 + (seedOf(type) % 900);
    const isUnheard = at % 17 === 11;
    const step = isUnheard ? "unheard" : failure === null ? "done" : "failed";
    const error = isUnheard
      ? { code: "nobody_listens", message: `no instance listens for commands of ${exchange}` }
      : { code: "not_possible_now", message: failure };
    return {
      correlationId: `${exchange}-past-${at}`,
      exchangeId,
      step,
      type,
      payload,
      issuedBy: at % 4 === 2 ? "ops@atlas" : "ada@example.org",
      issuedAt,
      expiresAt: issuedAt + 60_000,
      priority: 15,
      instanceId: isUnheard ? null : "0f3a5c0e",
      epoch: isUnheard ? null : 4,
      heardAt: isUnheard ? null : issuedAt + 6,
      beganAt: isUnheard ? null : issuedAt + 9,
      endedAt: issuedAt + (isUnheard ? 2 : lasted),
      progress: null,
      details: step === "done" ? details : {},
      error: step === "done" ? null : error,
    };
  });
}
