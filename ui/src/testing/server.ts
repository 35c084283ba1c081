/** A server of the made-up market for looking at screens and for page tests: the shapes of the API, none of its truth. */
import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";

import { WebSocketServer, type WebSocket } from "ws";

import { makeDesk, type Extension } from "./desk.ts";
import { makeAccount } from "./account.ts";
import type { Made, Timeframe } from "./market.ts";
import { makeOffice } from "./office.ts";
import { EXCHANGES, FRAMES, LABELS, makeWorld, type FixtureOptions, type Json } from "./world.ts";

export interface Fixture {
  readonly url: string;
  readonly options: FixtureOptions;
  readonly beat: () => void;
  readonly raiseAlert: () => void;
  readonly dropLinks: () => void;
  readonly close: () => Promise<void>;
}

/** Serve the made-up market until it is closed. */
export async function serveFixture(options: FixtureOptions): Promise<Fixture> {
  const world = makeWorld(options);
  const { symbols, candles, ticker, matrix, alertOf, alerts, network, activity, extra, chance, page } = world;
  const account = makeAccount(world, options);
  const links = new Map<WebSocket, Set<string>>();
  let serial = 0;

  const me = { id: "u1", email: "ada@example.org", displayName: "Ada Lovelace", role: options.role };
  const grant = { accessToken: "fixture", expiresAt: 4e12 };
  const routes: [RegExp, (query: URLSearchParams, ...parts: string[]) => unknown][] = [
    [/^\/network$/, network],
    [
      /^\/network\/activity$/,
      (query) =>
        page(
          activity().filter((one) => query.get("exchange") === null || one.exchangeName === query.get("exchange")),
          query,
        ),
    ],
    [/^\/exchanges$/, () => ({ items: EXCHANGES.map((one) => ({ ...one, hasAdapter: true, isActive: true })) })],
    [/^\/exchanges\/([^/]+)\/readings$/, (_, exchange = "") => matrix(exchange)],
    [
      /^\/exchanges\/([^/]+)\/candles\/([^/]+)\/([^/]+)$/,
      (query, exchange = "", symbol = "", timeframe = "") => {
        const made = candles(exchange, symbol, timeframe as Timeframe);
        const end = query.get("cursor") === null ? made.length : Number(query.get("cursor"));
        const from = Math.max(0, end - Number(query.get("limit") ?? 300));
        return {
          exchangeId: 1,
          exchangeName: exchange,
          symbol,
          timeframe,
          items: made.slice(from, end),
          next: from > 0 ? String(from) : null,
        };
      },
    ],
    [
      /^\/alerts$/,
      (query) =>
        page(
          (options.mood === "empty" ? [] : alerts()).filter((one) =>
            ["exchange", "symbol", "timeframe"].every(
              (key) => query.get(key) === null || one[key === "exchange" ? "exchangeName" : key] === query.get(key),
            ),
          ),
          query,
          { source: "ledger", unreadable: [] },
        ),
    ],
    [/^\/users\/me$/, () => me],
    [/^\/auth\/(sign-in|refresh|sign-out)$/, () => grant],
  ];

  const reply = (response: ServerResponse, code: number, body: unknown): void => {
    const version = options.mood === "skewed" ? "9.9.9" : "0.1.0";
    response.writeHead(code, {
      "content-type": code < 400 ? "application/json" : "application/problem+json",
      "x-livermore-version": version,
      "x-request-id": `req-${serial}`,
    });
    response.end(code === 204 ? undefined : JSON.stringify(body));
  };
  const problem = (response: ServerResponse, code: number, title: string, detail: string): void =>
    reply(response, code, { title, status: code, detail });
  const extensions: Extension[] = [
    makeDesk(options, { symbols, tell: (topic, data) => tell(topic, data) }),
    makeOffice(options),
  ];
  const serve = (request: IncomingMessage, response: ServerResponse, body: Json): void => {
    serial += 1;
    const url = new URL(request.url ?? "/", "http://fixture");
    if (options.ui !== null && !url.pathname.startsWith("/api/")) return serveFile(response, options.ui, url.pathname);
    const path = url.pathname.replace(/^\/api\/v1/, "");
    const isAuth = path.startsWith("/auth") || path === "/users/me";
    if (options.mood === "signed-out" && isAuth) return problem(response, 401, "Nobody is signed in", "");
    if (options.mood === "forbidden" && !isAuth)
      return problem(response, 403, "Forbidden", "This needs the role user.");
    if (options.mood === "broken" && !isAuth)
      return problem(
        response,
        503,
        "PostgreSQL is away",
        "What lives in the cache is shown; the ledger is back as soon as PostgreSQL is.",
      );
    if (options.mood === "slow" && !isAuth) return;
    for (const extension of extensions) {
      const found = extension(request.method ?? "GET", path, url.searchParams, body);
      if (found !== null) return reply(response, found.code, found.body);
    }
    for (const [pattern, answer] of routes) {
      const found = pattern.exec(path);
      if (found !== null)
        return reply(response, 200, answer(url.searchParams, ...found.slice(1).map(decodeURIComponent)));
    }
    const told = account(request, path, url.searchParams, body);
    if (told !== undefined) return reply(response, told.code, told.body);
    problem(response, 404, "Not Found", path);
  };

  const server: Server = createServer((request, response) => {
    void bodyOf(request).then((body) => serve(request, response, body));
  });
  const sockets = new WebSocketServer({ server, path: "/api/v1/stream" });
  sockets.on("connection", (link) => {
    if (options.mood === "cut") return link.terminate();
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
    const alert = {
      ...alertOf(exchange, symbol, frame, made, LABELS[serial % LABELS.length] ?? "level_150"),
      id: `live-${serial}`,
      closeTime: options.now() - 2000,
    };
    extra.unshift(alert);
    tell("alerts", alert);
  };
  const beat = (): void => {
    links.forEach((_, link) => link.send(JSON.stringify({ topic: "", kind: "heartbeat" })));
    for (const { name } of EXCHANGES) {
      const names = symbols(name);
      if (names.length === 0) continue;
      const some = Array.from(
        { length: Math.ceil(names.length / 8) },
        () => names[Math.floor(chance() * names.length)]?.[0] ?? "BTC-USD",
      );
      tell(
        `tickers:${name}`,
        [...new Set(some)].map((symbol) => ticker(name, symbol)),
      );
      for (const symbol of some.slice(0, 3)) {
        const made = candles(name, symbol, "5m").at(-1)?.reading;
        if (made === null || made === undefined) continue;
        const value = made.value + (chance() - 0.5) * 24;
        const signal = made.signal ?? 0;
        tell(`readings:${name}`, {
          symbol,
          timeframe: "5m",
          ...made,
          value,
          histogram: value - signal,
          stage: stageLike(value, signal),
        });
      }
    }
    tell("network", (network().items as Json[])[0]);
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

async function bodyOf(request: IncomingMessage): Promise<Json> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text === "" ? {} : (JSON.parse(text) as Json);
}

const KINDS: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

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
