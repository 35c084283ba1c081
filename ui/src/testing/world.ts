/** What the fixture server tells: instances, readings, candles and alerts of the made-up market, in the API's shapes. */
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
  mood: "well" | "signed-out" | "expired" | "forbidden" | "empty" | "broken" | "slow" | "skewed" | "cut";
}

export const EXCHANGES = [
  { id: 1, name: "coinbase", displayName: "Coinbase", quote: "USD" },
  { id: 2, name: "binance", displayName: "Binance", quote: "USDT" },
  { id: 3, name: "binance_us", displayName: "Binance US", quote: "USD" },
] as const;
export const FRAMES = Object.keys(TIMEFRAMES) as Timeframe[];
export const LABELS = [
  "level_150",
  "level_-150",
  "reversal_oversold",
  "reversal_overbought",
  "level_200",
  "level_-200",
];

export type Json = Record<string, unknown>;

/** The made-up world; `extra` holds alerts that were raised since it began. */
export function makeWorld(options: FixtureOptions) {
  const chance = dice(7);
  const series = new Map<string, Made[]>();
  const began = options.now();
  const extra: Json[] = [];

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
    return {
      symbol,
      time: options.now(),
      price,
      bid: price * 0.9999,
      ask: price * 1.0001,
      changePercent24h: (price / before - 1) * 100,
      volume24h: 1e9 / (seedOf(symbol) % 900),
    };
  };
  const matrix = (exchange: string): Json => ({
    exchangeId: EXCHANGES.find((one) => one.name === exchange)?.id ?? 0,
    exchangeName: exchange,
    time: options.now(),
    unreadable: [],
    items:
      options.mood === "empty"
        ? []
        : symbols(exchange).map(([symbol], at) => ({
            symbol,
            tier: 1,
            rank: at + 1,
            volume: 1e9 / (at + 1),
            newsAge: 900,
            candlesBehind: 0,
            ticker: at === 11 ? null : ticker(exchange, symbol),
            readings: Object.fromEntries(
              FRAMES.filter((_, frame) => !(at === 8 && frame > 2)).map((frame) => [
                frame,
                at === 5 && frame === "5m"
                  ? candles(exchange, symbol, frame).at(-5)?.reading
                  : candles(exchange, symbol, frame).at(-1)?.reading,
              ]),
            ),
          })),
  });
  const alertOf = (
    exchange: string,
    symbol: string,
    frame: Timeframe,
    at: Made,
    label: string,
    status = "fired",
  ): Json => ({
    id: `${exchange}-${symbol}-${frame}-${at.openTime}-${label}`,
    exchangeId: EXCHANGES.find((one) => one.name === exchange)?.id,
    exchangeName: exchange,
    symbol,
    timeframe: frame,
    openTime: at.openTime,
    closeTime: at.closeTime,
    label,
    direction: label.includes("-") || label.endsWith("bought") ? "down" : "up",
    value: at.reading?.value,
    previousValue: (at.reading?.value ?? 0) * 0.94,
    signal: at.reading?.signal,
    histogram: at.reading?.histogram,
    price: at.close,
    stage: at.reading?.stage,
    ruleVersion: "macdv-1-0a1b2c3d",
    status,
    simulated: true,
    bias: ["bullish", "bearish", "neutral"][seedOf(symbol) % 3],
    timeframes: FRAMES.map((one) => ({
      timeframe: one,
      value: candles(exchange, symbol, one).at(-1)?.reading?.value ?? null,
      stage: candles(exchange, symbol, one).at(-1)?.reading?.stage ?? "unknown",
    })),
    quality: at.reading?.quality,
    times: {
      close: at.closeTime,
      received: at.closeTime + 1840,
      computed: at.closeTime + 1841,
      committed: at.closeTime + 1846,
    },
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
            const status =
              seedOf(`${symbol}${at}`) % 17 === 0 ? "late" : seedOf(`${symbol}${at}`) % 23 === 0 ? "amended" : "fired";
            if (level !== undefined) found.push(alertOf(name, symbol, frame, candle, `level_${level}`, status));
            else if (floor !== undefined) found.push(alertOf(name, symbol, frame, candle, `level_${floor}`, status));
            else if (here < -150 && (candle.reading?.histogram ?? 0) > 0.05 * -here && seedOf(`${at}`) % 3 === 0)
              found.push(alertOf(name, symbol, frame, candle, "reversal_oversold"));
          }
        }
      }
    }
    return [...extra, ...found.sort((one, other) => (other.closeTime as number) - (one.closeTime as number))];
  };
  const status = (at: number, over: Json): Json => {
    const exchange = EXCHANGES[at];
    return {
      exchangeId: exchange?.id,
      exchangeName: exchange?.name,
      instanceId: `0f3a5c${at}e`,
      epoch: 4 + at,
      connectionState: "active",
      feedState: "live",
      connectedAt: began - 7.4e6,
      registeredAt: began - 9e6,
      lastHeartbeat: options.now() - 900,
      lastStateChange: began - 7.3e6,
      symbolCount: options.symbols,
      adminEmail: "ada@example.org",
      adminDisplayName: "Ada",
      ipAddress: `192.0.2.${7 + at}`,
      hostname: ["atlas", "boreas", "castor"][at],
      pid: 4711 + at,
      version: "0.1.0",
      warmup: null,
      lag: { exchangeMs: 118, ownMs: 3 },
      lags: {
        exchange: { count: 9000, p50: 118, p99: 415, longest: 927 },
        own: { count: 640, p50: 3, p99: 21, longest: 48 },
      },
      today: {
        since: began - (began % 86_400_000),
        candles: { "5m": 4290, "15m": 1430, "1h": 340, "4h": 68, "1d": 34 },
        alerts: { fired: 31, amended: 2, late: 1 },
        corrections: 2,
        gaps: 3,
        repairs: 3,
      },
      budgets: [
        {
          host: ["api.coinbase.com", "api.binance.com", "api.binance.us"][at],
          used: 212,
          limit: 600,
          waiting: 0,
          limited: at,
        },
      ],
      lastError: null,
      lastErrorAt: null,
      feedReasons: [],
      mode: "scalper-macdv",
      pausedAt: null,
      pausedBy: null,
      staleCount: 0,
      staleSymbols: [],
      simulated: true,
      ...over,
    };
  };
  const network = (): Json => {
    const item = (at: number, liveness: string, over: Json | null): Json => ({
      exchangeId: EXCHANGES[at]?.id,
      exchangeName: EXCHANGES[at]?.name,
      displayName: EXCHANGES[at]?.displayName,
      liveness,
      heartbeatAge: liveness === "live" ? 900 : liveness === "dead" ? 73_000 : null,
      status: over === null ? null : status(at, over),
      problem: over?.lastError ?? null,
      lastHost: liveness === "dead" ? "castor" : null,
      seenAgo: liveness === "dead" ? 73_000 : null,
      uptime: liveness === "live" ? 7.3e6 : null,
    });
    return {
      time: options.now(),
      items: [
        item(0, "live", {}),
        item(1, "live", {
          connectionState: "warming",
          feedState: "degraded",
          warmup: { done: 312, total: 500, eta: 41_000 },
          lag: { exchangeMs: 640, ownMs: 4 },
          lastError: "the exchange closed the connection: 1006, trying again in 4 s",
          lastErrorAt: began - 38_000,
        }),
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
        cursor: `${began - at * 4.1e5}-0`,
        time: began - at * 4.1e5,
        event: isError ? "error" : "state_transition",
        exchangeId: EXCHANGES[which]?.id,
        exchangeName: EXCHANGES[which]?.name,
        instanceId: `0f3a5c${which}e`,
        epoch: 4 + which,
        hostname: ["atlas", "boreas", "castor"][which],
        ipAddress: `192.0.2.${7 + which}`,
        adminEmail: "ada@example.org",
        ...(isError
          ? { error: "the exchange closed the connection: 1006, trying again in 4 s", state: "active" }
          : { fromState: steps[at % 5], toState: steps[(at % 5) + 1] }),
      };
    });
  const page = (items: readonly Json[], query: URLSearchParams, more: Json = {}): Json => {
    const from = Number(query.get("cursor") ?? 0);
    const limit = Number(query.get("limit") ?? 50);
    return {
      items: items.slice(from, from + limit),
      next: from + limit < items.length ? String(from + limit) : null,
      ...more,
    };
  };

  return { symbols, candles, ticker, matrix, alertOf, alerts, network, activity, extra, chance, page };
}
