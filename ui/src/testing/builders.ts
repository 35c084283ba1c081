/** Values for tests, with what does not matter filled in. */
import type { Alert, Instance, Matrix, MatrixRow, Reading, Status } from "@/api/shapes";

export const NOON = Date.UTC(2026, 0, 22, 12);

export function aReading(over: Partial<Reading> = {}): Reading {
  return {
    openTime: NOON - 300_000,
    closeTime: NOON,
    value: 61.2,
    signal: 55,
    histogram: 6.2,
    stage: "rallying",
    price: 358.16,
    atr: 2,
    fastEma: 357.1,
    slowEma: 355.9,
    quality: { candles: 300, convergence: 2e-5, emptyRatio: 0, isConfirmed: true },
    ...over,
  };
}

export function aRow(
  symbol: string,
  readings: MatrixRow["readings"] = { "5m": aReading() },
  price: number | null = 358.16,
): MatrixRow {
  const ticker = price === null ? null : { symbol, time: NOON, price, changePercent24h: 1 };
  return { symbol, ticker: ticker, readings };
}

export function aMatrix(...items: MatrixRow[]): Matrix {
  return { exchangeId: 1, exchangeName: "coinbase", time: NOON, items, unreadable: [] };
}

export function anAlert(over: Partial<Alert> = {}): Alert {
  return {
    id: "a1",
    exchangeId: 1,
    exchangeName: "coinbase",
    symbol: "ZEC-USD",
    timeframe: "5m",
    openTime: NOON - 300_000,
    closeTime: NOON,
    label: "level_150",
    direction: "up",
    value: 151.2,
    previousValue: 148,
    signal: 120.5,
    histogram: 30.7,
    price: 358.16,
    stage: "overbought",
    timeframes: [],
    bias: "bearish",
    quality: { candles: 300, convergence: 2e-5, emptyRatio: 0, isConfirmed: false },
    times: { close: NOON, received: NOON + 2013, computed: NOON + 2014, committed: NOON + 2020 },
    ruleVersion: "macdv-1-0a1b2c3d",
    status: "fired",
    simulated: false,
    ...over,
  };
}

export function aStatus(over: Partial<Status> = {}): Status {
  return {
    exchangeId: 1,
    exchangeName: "coinbase",
    instanceId: "0f3a",
    epoch: 4,
    connectionState: "active",
    feedState: "live",
    connectedAt: NOON,
    registeredAt: NOON,
    lastHeartbeat: NOON,
    lastStateChange: NOON,
    symbolCount: 100,
    adminEmail: "ada@example.org",
    adminDisplayName: "Ada",
    ipAddress: "192.0.2.7",
    hostname: "box",
    pid: 4711,
    version: "0.1.0",
    warmup: null,
    lag: { exchangeMs: 120, ownMs: 3 },
    lastError: null,
    lastErrorAt: null,
    feedReasons: [],
    mode: "scalper-macdv",
    pausedAt: null,
    pausedBy: null,
    staleCount: 0,
    staleSymbols: [],
    simulated: false,
    ...over,
  };
}

export function anInstance(over: Partial<Instance> = {}, status: Partial<Status> | null = {}): Instance {
  return {
    exchangeId: 1,
    exchangeName: "coinbase",
    displayName: "Coinbase",
    liveness: "live",
    heartbeatAge: 900,
    lastHost: "box",
    seenAgo: 900,
    uptime: 60_000,
    status: status === null ? null : aStatus(status),
    problem: null,
    ...over,
  };
}
