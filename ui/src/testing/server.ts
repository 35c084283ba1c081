/** A server of the made-up market for looking at screens and for page tests: the shapes of the API, none of its truth. */
import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";

import { WebSocketServer, type WebSocket } from "ws";

import { dice, makeSeries, seedOf, symbolsOf, TIMEFRAMES, type Made, type Timeframe } from "./market.ts";

export interface FixtureOptions {
  port: number;
  symbols: number;
  /** The present of the fixture in ms UTC; given, so that screenshots are alike. */
  now: () => number;
  role: string;
  /** A folder of built screens to serve as well, or null. */
  ui: string | null;
  /** A face to look at: routes that fail, or a session that has ended. */
  mood: "well" | "signed-out" | "expired" | "forbidden" | "empty" | "broken" | "slow" | "skewed";
}

export interface Fixture {
  readonly url: string;
  readonly options: FixtureOptions;
  beat(): void;
  raiseAlert(): void;
  dropLinks(): void;
  close(): Promise<void>;
}

const EXCHANGES = [
  { id: 1, name: "coinbase", displayName: "Coinbase", quote: "USD" },
  { id: 2, name: "binance", displayName: "Binance", quote: "USDT" },
  { id: 3, name: "binance_us", displayName: "Binance US", quote: "USD" },
] as const;
const FRAMES = Object.keys(TIMEFRAMES) as Timeframe[];
const LABELS = ["level_150", "level_-150", "reversal_oversold", "reversal_overbought", "level_200", "level_-200"];

type Json = Record<string, unknown>;

/** Serve the made-up market until it is closed. */
export async function serveFixture(options: FixtureOptions): Promise<Fixture> {
  const series = new Map<string, Made[]>();
  const began = options.now();
  const chance = dice(7);
  const links = new Map<WebSocket, Set<string>>();
  const extra: Json[] = [];
  let serial = 0;

  const symbols = (exchange: string): readonly (readonly [string, number])[] => {
    const quote = EXCHANGES.find((one) => one.name === exchange)?.quote ?? "USD";
    return exchange === "binance_us" ? [] : symbolsOf(quote, options.symbols);
  };
  const candles = (exchange: string, symbol: string, timeframe: Timeframe): Made[] => {
    const key = `${exchange} ${symbol} ${timeframe}`;
    const found = series.get(key);
    if (found !== undefined) return found;
    const first = symbols(exchange).find(([name]) => name === symbol)?.[1] ?? 1;
    const made = makeSeries(symbol, first, timeframe, began, options.symbols > 200 ? 90 : 900);
    series.set(key, made);
    return made;
  };
  const ticker = (exchange: string, symbol: string): Json => {
    const made = candles(exchange, symbol, "5m");
    const price = (made.at(-1)?.close ?? 1) * (1 + (chance() - 0.5) * 0.0012);
    const before = made.at(-288)?.close ?? made[0]?.close ?? price;
    return { symbol, time: options.now(), price, bid: price * 0.9999, ask: price * 1.0001, changePercent24h: (price / before - 1) * 100, volume24h: 1e9 / (seedOf(symbol) % 900) };
  };
  const matrix = (exchange: string): Json => ({
    exchangeId: EXCHANGES.find((one) => one.name === exchange)?.id ?? 0,
    exchangeName: exchange,
    time: options.now(),
    unreadable: [],
    items: options.mood === "empty" ? [] : symbols(exchange).map(([symbol], at) => ({
      symbol,
      ticker: at === 11 ? null : ticker(exchange, symbol),
      readings: Object.fromEntries(
        FRAMES.filter((_, frame) => !(at === 8 && frame > 2)).map((frame) => [frame, at === 5 && frame === "5m" ? candles(exchange, symbol, frame).at(-5)?.reading : candles(exchange, symbol, frame).at(-1)?.reading]),
      ),
    })),
  });
  const alertOf = (exchange: string, symbol: string, frame: Timeframe, at: Made, label: string, status = "fired"): Json => ({
    id: `${exchange}-${symbol}-${frame}-${at.openTime}-${label}`,
    exchangeId: EXCHANGES.find((one) => one.name === exchange)?.id, exchangeName: exchange, symbol, timeframe: frame,
    openTime: at.openTime, closeTime: at.closeTime, label, direction: label.includes("-") || label.endsWith("bought") ? "down" : "up",
    value: at.reading?.value, previousValue: (at.reading?.value ?? 0) * 0.94, signal: at.reading?.signal, histogram: at.reading?.histogram,
    price: at.close, stage: at.reading?.stage, ruleVersion: "macdv-1-0a1b2c3d", status, simulated: true, bias: ["bullish", "bearish", "neutral"][seedOf(symbol) % 3],
    timeframes: FRAMES.map((one) => ({ timeframe: one, value: candles(exchange, symbol, one).at(-1)?.reading?.value ?? null, stage: candles(exchange, symbol, one).at(-1)?.reading?.stage ?? "unknown" })),
    quality: at.reading?.quality, times: { close: at.closeTime, received: at.closeTime + 1840, computed: at.closeTime + 1841, committed: at.closeTime + 1846 },
  });
  const alerts = (): Json[] => {
    const found: Json[] = [];
    for (const { name } of EXCHANGES) {
      for (const [symbol] of symbols(name).slice(0, 40)) {
        for (const frame of FRAMES.slice(0, 3)) {
          const made = candles(name, symbol, frame);
          for (let at = Math.max(60, made.length - 300); at < made.length; at += 1) {
            const [before, here] = [made[at - 1]?.reading?.value ?? 0, made[at]?.reading?.value ?? 0];
            const level = [150, 200].findLast((one) => before <= one && one < here);
            const floor = [-150, -200].findLast((one) => before >= one && one > here);
            const candle = made[at] as Made;
            const status = seedOf(`${symbol}${at}`) % 17 === 0 ? "late" : seedOf(`${symbol}${at}`) % 23 === 0 ? "amended" : "fired";
            if (level !== undefined) found.push(alertOf(name, symbol, frame, candle, `level_${level}`, status));
            else if (floor !== undefined) found.push(alertOf(name, symbol, frame, candle, `level_${floor}`, status));
            else if (here < -150 && (candle.reading?.histogram ?? 0) > 0.05 * -here && seedOf(`${at}`) % 3 === 0) found.push(alertOf(name, symbol, frame, candle, "reversal_oversold"));
          }
        }
      }
    }
    return [...extra, ...found.sort((one, other) => (other.closeTime as number) - (one.closeTime as number))];
  };
  const status = (at: number, over: Json): Json => {
    const exchange = EXCHANGES[at];
    return {
      exchangeId: exchange?.id, exchangeName: exchange?.name, instanceId: `0f3a5c${at}e`, epoch: 4 + at, connectionState: "active", feedState: "live",
      connectedAt: began - 7.4e6, registeredAt: began - 9e6, lastHeartbeat: options.now() - 900, lastStateChange: began - 7.3e6, symbolCount: options.symbols,
      adminEmail: "ada@example.org", adminDisplayName: "Ada", ipAddress: `192.0.2.${7 + at}`, hostname: ["atlas", "boreas", "castor"][at], pid: 4711 + at,
      version: "0.1.0", warmup: null, lag: { exchangeMs: 118, ownMs: 3 }, lastError: null, lastErrorAt: null, simulated: true, ...over,
    };
  };
  const network = (): Json => {
    const item = (at: number, liveness: string, over: Json | null): Json => ({
      exchangeId: EXCHANGES[at]?.id, exchangeName: EXCHANGES[at]?.name, displayName: EXCHANGES[at]?.displayName, liveness,
      heartbeatAge: liveness === "live" ? 900 : liveness === "dead" ? 73_000 : null, status: over === null ? null : status(at, over), problem: null,
    });
    return {
      time: options.now(),
      items: [
        item(0, "live", {}),
        item(1, "live", { connectionState: "warming", feedState: "degraded", warmup: { done: 312, total: 500, eta: 41_000 }, lag: { exchangeMs: 640, ownMs: 4 }, lastError: "the exchange closed the connection: 1006, trying again in 4 s", lastErrorAt: began - 38_000 }),
        item(2, "dead", { connectionState: "active", feedState: "live", lastHeartbeat: began - 73_000, lag: null }),
      ],
    };
  };
  const activity = (): Json[] =>
    Array.from({ length: 140 }, (_, at) => {
      const which = at % 3;
      const isError = at % 5 === 1;
      const steps = ["idle", "starting", "warming", "active", "stopping", "stopped"];
      return {
        cursor: `${began - at * 4.1e5}-0`, time: began - at * 4.1e5, event: isError ? "error" : "state_transition", exchangeId: EXCHANGES[which]?.id,
        exchangeName: EXCHANGES[which]?.name, instanceId: `0f3a5c${which}e`, epoch: 4 + which, hostname: ["atlas", "boreas", "castor"][which], ipAddress: `192.0.2.${7 + which}`,
        adminEmail: "ada@example.org", ...(isError ? { error: "the exchange closed the connection: 1006, trying again in 4 s", state: "active" } : { fromState: steps[at % 5], toState: steps[(at % 5) + 1] }),
      };
    });
  const page = (items: readonly Json[], query: URLSearchParams, more: Json = {}): Json => {
    const from = Number(query.get("cursor") ?? 0);
    const limit = Number(query.get("limit") ?? 50);
    return { items: items.slice(from, from + limit), next: from + limit < items.length ? String(from + limit) : null, ...more };
  };

  const me = { id: "u1", email: "ada@example.org", displayName: "Ada Lovelace", role: options.role };
  const grant = { accessToken: "fixture", expiresAt: 4e12 };
  const routes: [RegExp, (query: URLSearchParams, ...parts: string[]) => unknown][] = [
    [/^\/network$/, network],
    [/^\/network\/activity$/, (query) => page(activity().filter((one) => query.get("exchange") === null || one.exchangeName === query.get("exchange")), query)],
    [/^\/exchanges$/, () => ({ items: EXCHANGES.map(({ quote: _quote, ...one }) => ({ ...one, hasAdapter: true, isActive: true })) })],
    [/^\/exchanges\/([^/]+)\/readings$/, (_, exchange) => matrix(exchange ?? "")],
    [/^\/exchanges\/([^/]+)\/candles\/([^/]+)\/([^/]+)$/, (query, exchange = "", symbol = "", timeframe = "") => {
      const made = candles(exchange, symbol, timeframe as Timeframe);
      const end = query.get("before") === null ? made.length : Number(query.get("before"));
      const from = Math.max(0, end - Number(query.get("limit") ?? 300));
      return { exchangeId: 1, exchangeName: exchange, symbol, timeframe, items: made.slice(from, end), next: from > 0 ? String(from) : null };
    }],
    [/^\/alerts$/, (query) => page((options.mood === "empty" ? [] : alerts()).filter((one) => ["exchange", "symbol", "timeframe"].every((key) => query.get(key) === null || one[key === "exchange" ? "exchangeName" : key] === query.get(key))), query, { source: "ledger" })],
    [/^\/users\/me$/, () => me],
    [/^\/auth\/(sign-in|refresh|sign-out)$/, () => grant],
  ];

  const reply = (response: ServerResponse, code: number, body: unknown): void => {
    const version = options.mood === "skewed" ? "9.9.9" : "0.1.0";
    response.writeHead(code, { "content-type": code < 400 ? "application/json" : "application/problem+json", "x-livermore-version": version, "x-request-id": `req-${serial}` });
    response.end(JSON.stringify(body));
  };
  const problem = (response: ServerResponse, code: number, title: string, detail: string): void => reply(response, code, { title, status: code, detail });
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    serial += 1;
    const url = new URL(request.url ?? "/", "http://fixture");
    if (options.ui !== null && !url.pathname.startsWith("/api/")) return serveFile(response, options.ui, url.pathname);
    const path = url.pathname.replace(/^\/api\/v1/, "");
    const isAuth = path.startsWith("/auth") || path === "/users/me";
    if (options.mood === "signed-out" && isAuth) return problem(response, 401, "Nobody is signed in", "");
    if (options.mood === "forbidden" && !isAuth) return problem(response, 403, "Forbidden", "This needs the role user.");
    if (options.mood === "broken" && !isAuth) return problem(response, 503, "PostgreSQL is away", "What lives in the cache is shown; the ledger is back as soon as PostgreSQL is.");
    if (options.mood === "slow" && !isAuth) return;
    for (const [pattern, answer] of routes) {
      const found = pattern.exec(path);
      if (found !== null) return reply(response, 200, answer(url.searchParams, ...found.slice(1).map(decodeURIComponent)));
    }
    problem(response, 404, "Not Found", path);
  };

  const server: Server = createServer(serve);
  const sockets = new WebSocketServer({ server, path: "/api/v1/stream" });
  sockets.on("connection", (link) => {
    links.set(link, new Set());
    link.on("close", () => links.delete(link));
    link.on("message", (raw: Buffer) => {
      const said = JSON.parse(raw.toString()) as { subscribe?: string[]; unsubscribe?: string[] };
      said.subscribe?.forEach((topic) => links.get(link)?.add(topic));
      said.unsubscribe?.forEach((topic) => links.get(link)?.delete(topic));
      link.send(JSON.stringify({ topic: "", kind: "heartbeat" }));
    });
  });
  const tell = (topic: string, data: unknown): void => {
    serial += 1;
    const text = JSON.stringify({ topic, kind: "change", cursor: `${serial}-0`, data });
    links.forEach((topics, link) => topics.has(topic) && link.send(text));
  };
  await new Promise<void>((resolve) => server.listen(options.port, "127.0.0.1", resolve));

  const raiseAlert = (): void => {
    const exchange = EXCHANGES[serial % 2]?.name ?? "coinbase";
    const names = symbols(exchange);
    const symbol = names[Math.floor(chance() * Math.min(names.length, 30))]?.[0] ?? "BTC-USD";
    const frame = FRAMES[Math.floor(chance() * 3)] ?? "5m";
    const made = candles(exchange, symbol, frame).at(-1) as Made;
    const alert = { ...alertOf(exchange, symbol, frame, made, LABELS[serial % LABELS.length] ?? "level_150"), id: `live-${serial}`, closeTime: options.now() - 2000 };
    extra.unshift(alert);
    tell("alerts", alert);
  };
  const beat = (): void => {
    links.forEach((_, link) => link.send(JSON.stringify({ topic: "", kind: "heartbeat" })));
    for (const { name } of EXCHANGES) {
      const names = symbols(name);
      if (names.length === 0) continue;
      const some = Array.from({ length: Math.ceil(names.length / 8) }, () => names[Math.floor(chance() * names.length)]?.[0] ?? "BTC-USD");
      tell(`tickers:${name}`, [...new Set(some)].map((symbol) => ticker(name, symbol)));
      for (const symbol of some.slice(0, 3)) {
        const made = candles(name, symbol, "5m").at(-1)?.reading;
        if (made === null || made === undefined) continue;
        const value = made.value + (chance() - 0.5) * 24;
        const signal = made.signal ?? 0;
        tell(`readings:${name}`, { symbol, timeframe: "5m", ...made, value, histogram: value - signal, stage: stageLike(value, signal) });
      }
    }
    network().items && tell("network", (network().items as Json[])[0]);
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    options,
    beat,
    raiseAlert,
    dropLinks: () => links.forEach((_, link) => link.terminate()),
    close: async () => {
      links.forEach((_, link) => link.terminate());
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const KINDS: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2" };

function serveFile(response: ServerResponse, folder: string, path: string): void {
  const wanted = join(folder, path);
  const file = extname(path) !== "" && existsSync(wanted) ? wanted : join(folder, "index.html");
  response.writeHead(200, { "content-type": KINDS[extname(file)] ?? "application/octet-stream" });
  response.end(readFileSync(file));
}

function stageLike(value: number, signal: number): string {
  if (value <= -150) return "oversold";
  if (value >= signal) return value >= 150 ? "overbought" : value >= 50 ? "rallying" : "rebounding";
  return value <= -50 ? "reversing" : "retracing";
}
