/** What the fixture server tells of one person: provenance, portfolio, settings and logs, in the API's shapes. */
import type { IncomingMessage } from "node:http";

import { type Timeframe } from "./market.ts";
import { logs, settingsRoutes, told, type Answer, type Reply } from "./records.ts";
import { EXCHANGES, FRAMES, type FixtureOptions, type Json, type makeWorld } from "./world.ts";

type World = ReturnType<typeof makeWorld>;

/** What was told of the newest alerts; what was given up is two days old, so that nothing of it is open. */
function deliveries({ alerts }: World, options: FixtureOptions, query: URLSearchParams): Json[] {
  const fates = ["delivered", "delivered", "failed", "suppressed"] as const;
  const reasons = { delivered: null, failed: "the address answered 404: <b>gone</b>", suppressed: "no alerts of 5m" };
  return (options.mood === "empty" ? [] : alerts().slice(0, 40))
    .map((alert, at): Json => {
      const status = fates[at % fates.length] ?? "delivered";
      const told = options.now() - (status === "failed" ? 2 * 86_400_000 : at * 60_000);
      return {
        id: 40 - at,
        alertId: alert.id,
        userId: 1,
        channel: at % 3 === 0 ? "phone" : "desk-discord",
        statusTold: "fired",
        status,
        reason: reasons[status],
        silent: false,
        attempts: status === "suppressed" ? 0 : 1,
        dueAt: told,
        createdAt: told,
        finishedAt: told,
      };
    })
    .filter((one) => query.get("status") === null || one.status === query.get("status"));
}

/** Who answers the routes of this file; undefined for those that are others'. */
export function makeAccount(world: World, options: FixtureOptions) {
  const routes: [string, RegExp, Answer][] = [
    ["GET", /^\/alerts\/([^/]+)\/provenance$/, (_, __, id = "") => provenance(world, id)],
    ["POST", /^\/alerts\/([^/]+)\/re-evaluation$/, (_, __, id = "") => (provenance(world, id) as Json).reevaluation],
    [
      "GET",
      /^\/alerts\/([^/]+)$/,
      (_, __, id = "") => alertNamed(world, id) ?? told(404, "Not Found", "there is no such alert"),
    ],
    ["GET", /^\/deliveries$/, (query) => ({ items: deliveries(world, options, query), next: null })],
    ["POST", /^\/deliveries\/(\d+)\/retry$/, () => ({ code: 204, body: null })],
    [
      "GET",
      /^\/account\/exchanges\/([^/]+)\/portfolio$/,
      (_, __, exchange = "") => portfolio(world, options, exchange),
    ],
    ["GET", /^\/account\/exchanges\/([^/]+)\/fees$/, (_, __, exchange = "") => fees(options, exchange)],
    ["GET", /^\/logs$/, (query) => logs(options, query)],
    ...settingsRoutes(options),
  ];
  return (request: IncomingMessage, path: string, query: URLSearchParams, body: Json): Reply | undefined => {
    for (const [method, pattern, answer] of routes) {
      const found = pattern.exec(path);
      if (request.method !== method || found === null) continue;
      const parts = found.slice(1).map(decodeURIComponent);
      const said = answer(query, { ...body, "If-Match": request.headers["if-match"] ?? null }, ...parts);
      return typeof said === "object" && said !== null && "code" in said && "body" in said
        ? (said as Reply)
        : { code: 200, body: said };
    }
    return undefined;
  };
}

function alertNamed(world: World, id: string): Json | undefined {
  return world.alerts().find((one) => one.id === id);
}

function provenance(world: World, id: string): unknown {
  const alert = alertNamed(world, id);
  if (alert === undefined) return told(404, "Not Found", "the ledger knows no such alert");
  const made = world.candles(alert.exchangeName as string, alert.symbol as string, alert.timeframe as Timeframe);
  const candles = made.filter((one) => one.openTime <= (alert.openTime as number)).slice(-30);
  const times = alert.times as Record<"close" | "received" | "computed" | "committed", number>;
  const revision = (status: string, at: number): Json => ({
    ...alert,
    cursor: `${at}-0`,
    epoch: 4,
    status,
    times: { ...times, committed: at },
    ledgeredAt: at + 24,
  });
  const delivery = (at: number, over: Json): Json => ({
    id: at,
    alertId: id,
    userId: 1,
    channel: "phone",
    statusTold: "fired",
    status: "delivered",
    reason: null,
    silent: false,
    attempts: 1,
    dueAt: times.committed,
    createdAt: times.committed + 24,
    finishedAt: times.committed + 640 + at,
    ...over,
  });
  return {
    alert,
    rule: {
      version: alert.ruleVersion,
      firstLevel: 150,
      levelStep: 50,
      hysteresis: 10,
      oversoldBuffer: 0.05,
      overboughtBuffer: 0.03,
      shortestCooldownMs: 300_000,
      candlesNeeded: 60,
    },
    epoch: 4,
    instanceId: "0f3a5c0e",
    candles,
    steps: [
      ...Object.entries({
        closed: times.close,
        received: times.received,
        computed: times.computed,
        committed: times.committed,
        ledgered: times.committed + 24,
      }),
    ].map(([name, at]) => ({ name, at })),
    revisions: [
      revision("fired", times.committed),
      ...(alert.status === "amended" ? [revision("amended", times.committed + 10_240)] : []),
    ],
    deliveries: [
      delivery(1, { channel: "desk-discord" }),
      delivery(2, {
        channel: "phone",
        status: "failed",
        attempts: 5,
        reason: "the address answered 404: <b>unknown webhook</b>",
        finishedAt: times.committed + 61_000,
      }),
      delivery(3, {
        channel: "night-mail",
        status: "suppressed",
        attempts: 0,
        reason: "the channel has no alerts of 5m",
      }),
      ...(alert.status === "amended"
        ? [
            delivery(4, {
              channel: "desk-discord",
              statusTold: "amended",
              status: "pending",
              attempts: 0,
              finishedAt: null,
            }),
          ]
        : []),
    ],
    reevaluation: {
      outcome: alert.status === "amended" ? "different" : "equal",
      reasons:
        alert.status === "amended" ? ["the value is 151.0234, not 152.1176", "the price is 358.2, not 358.16"] : [],
      candle: candles.at(-1) ?? null,
      previous: candles.at(-2)?.reading ?? null,
    },
  };
}

const HELD: readonly (readonly [string, number, number | null])[] = [
  ["BTC", 0.84210042, 41200.5],
  ["ETH", 12.5, 3305.1],
  ["SOL", 140.25, 96.4],
  ["ADA", 18_450.12, 0.61],
  ["LINK", 210, null],
  ["PEPE", 91_000_000, 0.0000071],
  ["USD", 18_204.11, null],
  ["DOGE", 3.1, 0.09],
  ["<img src=x>", 12, null],
];
const OUTLOOKS = [
  "strong_buy",
  "bullish",
  "reversal_down",
  "strong_sell",
  "mixed",
  "reversal_up",
  "no_data",
  "bearish",
  "no_data",
];

function portfolio(world: World, options: FixtureOptions, exchange: string): Json {
  const now = options.now();
  const one = EXCHANGES.find(({ name }) => name === exchange);
  const isEmpty = options.mood === "empty" || one?.name !== "coinbase";
  const rows = isEmpty
    ? []
    : HELD.map(([currency, quantity, cost], at) => {
        const symbol = `${currency}-USD`;
        const isKnown = world.symbols("coinbase").some(([name]) => name === symbol);
        const price =
          currency === "USD" ? 1 : isKnown ? (world.candles("coinbase", symbol, "5m").at(-1)?.close ?? null) : null;
        const value = price === null ? null : price * quantity;
        const gain = value === null || cost === null ? null : value - cost * quantity;
        const text = (number: number | null, digits = 8): string | null =>
          number === null ? null : number.toFixed(digits);
        return {
          exchangeId: 1,
          currency,
          symbol: isKnown ? symbol : null,
          quantity: text(quantity),
          available: text(at === 1 ? quantity / 2 : quantity),
          price: text(price, 10),
          value: text(value),
          averageCost: text(cost),
          cost: text(cost === null ? null : cost * quantity),
          gain: text(gain),
          gainPercent: text(gain === null || cost === null ? null : (gain / (cost * quantity)) * 100),
          realised: at === 0 ? "1204.1100" : "0",
          isDust: value !== null && value < 1,
          outlook: OUTLOOKS[at],
          values: Object.fromEntries(
            FRAMES.map((frame) => [
              frame,
              isKnown ? (world.candles("coinbase", symbol, frame).at(-1)?.reading?.value ?? null) : null,
            ]),
          ),
          syncedAt: now - 340_000,
        };
      });
  const sum = (part: "value" | "cost" | "gain"): number => rows.reduce((all, row) => all + Number(row[part] ?? 0), 0);
  const items = rows.map((row) => ({
    ...row,
    sharePercent: row.value === null ? null : ((Number(row.value) / sum("value")) * 100).toFixed(4),
  }));
  return {
    exchangeId: one?.id ?? 0,
    exchangeName: exchange,
    time: now,
    syncedAt: isEmpty ? null : now - 340_000,
    items: items.toSorted((left, right) => Number(right.value ?? -1) - Number(left.value ?? -1)),
    value: sum("value").toFixed(8),
    cost: sum("cost").toFixed(8),
    gain: sum("gain").toFixed(8),
    gainPercent: isEmpty ? null : ((sum("gain") / sum("cost")) * 100).toFixed(4),
    unpriced: isEmpty ? [] : ["<img src=x>"],
  };
}

function fees(options: FixtureOptions, exchange: string): unknown {
  if (options.mood === "empty" || exchange !== "coinbase")
    return {
      exchangeId: 1,
      exchangeName: exchange,
      readAt: null,
      fills: 0,
      tier: { name: null, makerRate: null, takerRate: null, volume30d: null, fees30d: null },
      remarks: [],
      fees: { symbols: [], sides: [], months: [], lines: [], totals: [], isCut: false },
    };
  const line = (
    symbol: string | null,
    side: string | null,
    month: string | null,
    volume: number,
    rate = 0.5,
  ): Json => ({
    symbol,
    side,
    month,
    currency: "USD",
    orders: Math.ceil(volume / 900),
    fills: Math.ceil(volume / 400),
    volume: volume.toFixed(4),
    fees: ((volume * rate) / 100).toFixed(8),
    ratePercent: rate.toFixed(4),
    feePerOrder: ((volume * rate) / 100 / Math.ceil(volume / 900)).toFixed(6),
    otherFees: [],
  });
  const symbols = ["BTC-USD", "ETH-USD", "SOL-USD", "ADA-USD"];
  return {
    exchangeId: 1,
    exchangeName: exchange,
    readAt: options.now() - 340_000,
    fills: 431,
    tier: { name: "Intro 2", makerRate: "0.0035", takerRate: "0.0075", volume30d: "18204.1100", fees30d: "91.0205" },
    remarks: ["Fills before 2025-06-01 were not read."],
    fees: {
      symbols: symbols.map((symbol, at) => line(symbol, null, null, 42_000 / (at + 1))),
      sides: symbols.flatMap((symbol, at) => [
        line(symbol, "buy", null, 30_000 / (at + 1)),
        line(symbol, "sell", null, 12_000 / (at + 1)),
      ]),
      months: ["2026-11", "2026-10", "2026-09"].map((month, at) =>
        line(null, null, month, 18_204 - at * 2100, 0.5 - at * 0.02),
      ),
      lines: symbols.map((symbol, at) => line(symbol, "buy", "2026-11", 9000 / (at + 1))),
      totals: [line(null, null, null, 87_500)],
      isCut: false,
    },
  };
}
