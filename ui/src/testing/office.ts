/** The made-up market's office: exchanges, users and keys. */
import { seedOf } from "./market.ts";
import { no, ok, type Extension } from "./desk.ts";
import { EXCHANGES, FRAMES, type FixtureOptions, type Json } from "./world.ts";

export function makeOffice(options: FixtureOptions): Extension {
  const began = options.now();
  const isEmpty = options.mood === "empty";
  const own = new Map<string, Json>(
    isEmpty
      ? []
      : [
          [
            "coinbase",
            ownOf("coinbase", {
              apiKeyEnv: "COINBASE_API_KEY",
              apiSecretEnv: "COINBASE_API_SECRET",
              isDefault: true,
              connectionStatus: "connected",
              lastCheckedAt: began - 4.1e6,
              lastConnectedAt: began - 4.1e6,
              canTrade: true,
              canTransfer: false,
            }),
          ],
          [
            "binance",
            ownOf("binance", {
              apiKeyEnv: "BINANCE_KEY",
              apiSecretEnv: "BINANCE_SECRET",
              connectionStatus: "failed",
              connectionError: "BINANCE_SECRET is not set where the instance runs",
              lastCheckedAt: began - 9e5,
            }),
          ],
        ],
  );
  const users = isEmpty ? [] : madeUsers(began);
  const keys = isEmpty ? [] : madeKeys(began);

  return (method, path, query, body) => {
    if (path === "/exchanges") return ok({ items: SIX, next: null });
    if (path === "/account/exchanges") return ok({ items: [...own.values()], next: null });
    const [, mine] = /^\/account\/exchanges\/([^/]+)$/.exec(path) ?? [];
    if (mine !== undefined && method === "DELETE") return own.delete(mine) ? ok(null, 204) : ok(null, 204);
    if (mine !== undefined && method === "PUT") {
      if (body.isDefault === true) own.forEach((one) => (one.isDefault = false));
      own.set(mine, ownOf(mine, { ...own.get(mine), ...body }));
      return ok(own.get(mine));
    }
    if (path === "/users") {
      const words = (query.get("search") ?? "").toLowerCase();
      const found = users.filter((one) =>
        `${String(one.displayName)} ${String(one.email)}`.toLowerCase().includes(words),
      );
      return ok({ items: found, next: null });
    }
    const [, user] = /^\/users\/(\d+)$/.exec(path) ?? [];
    if (user !== undefined) {
      const found = users.find((one) => one.id === user);
      if (found === undefined) return no(404, "Not Found", "there is no such user", "not_found");
      const leaves = method === "DELETE" || (body.role ?? "admin") !== "admin" || body.isActive === false;
      if (user === "1" && leaves) return no(409, "Conflict", "the last active admin stays one", "conflict");
      if (method === "DELETE") users.splice(users.indexOf(found), 1);
      else Object.assign(found, body);
      return method === "DELETE" ? ok(null, 204) : ok(found);
    }
    if (path === "/keys" && method === "GET") return ok({ items: keys, next: null });
    if (path === "/keys") {
      const key = keyOf(String(keys.length + 1), String(body.name), options.now(), { ...body, lastUsedAt: null });
      keys.unshift(key);
      return ok({ key, secret: `${String(key.prefix)}Xw3kQ9vTz6mRb1cYh8sLp4dNf7gJ2aUe` }, 201);
    }
    const [, key] = /^\/keys\/(\d+)$/.exec(path) ?? [];
    if (key !== undefined) {
      const found = keys.find((one) => one.id === key);
      if (found !== undefined) found.revokedAt = options.now();
      return ok(null, 204);
    }
    if (path === "/auth/links") return ok({ path: "/sign-in#token=fixture", expiresAt: options.now() + 86_400_000 });
    if (path === "/server") {
      const signIn = { signIn: "local", issuers: [], clerkPublishableKey: null };
      return ok({ version: "0.1.0", time: options.now(), ...signIn });
    }
    return null;
  };
}
function ownOf(exchange: string, over: Json): Json {
  return {
    exchangeId: EXCHANGES.find((one) => one.name === exchange)?.id ?? 0,
    exchangeName: exchange,
    displayName: null,
    apiKeyEnv: null,
    apiSecretEnv: null,
    passwordEnv: null,
    isEnabled: true,
    isDefault: false,
    connectionStatus: "unknown",
    connectionError: null,
    canTrade: null,
    canTransfer: null,
    lastCheckedAt: null,
    lastConnectedAt: null,
    ...over,
  };
}

const six = (id: number, name: string, displayName: string, maker: string, taker: string, over: Json): Json => ({
  id,
  name,
  displayName,
  makerFee: maker,
  takerFee: taker,
  hasAdapter: id < 4,
  isActive: true,
  supportedTimeframes: [...FRAMES, "2h", "6h"],
  restUrl: `https://api.${name}.com`,
  wsUrl: `wss://stream.${name}.com`,
  apiLimits: { restRequestsPerSecond: 10 },
  geoRestrictions: {},
  ...over,
});
const SIX: readonly Json[] = [
  six(1, "coinbase", "Coinbase", "0.006", "0.012", {
    apiLimits: { restRequestsPerSecond: 10, wsConnectionsPerIp: 750, wsMessagesPerSecond: 8 },
  }),
  six(2, "binance", "Binance", "0.001", "0.001", {
    apiLimits: { restWeightPerMinute: 6000, wsConnectionsPer5Minutes: 300, ordersPer10Seconds: 50 },
    geoRestrictions: { blocked: ["US"], httpStatus: 451 },
  }),
  six(3, "binance_us", "Binance US", "0.004", "0.006", {
    apiLimits: { restWeightPerMinute: 1200, ordersPer10Seconds: 10 },
    geoRestrictions: { only: ["US"] },
  }),
  six(4, "kraken", "Kraken", "0.0016", "0.0026", { apiLimits: { restRequestsPerSecond: 1, decayPerSecond: 0.33 } }),
  six(5, "kucoin", "KuCoin", "0.001", "0.001", { geoRestrictions: { blocked: ["US"] } }),
  six(6, "mexc", "MEXC", "0", "0.001", { geoRestrictions: { blocked: ["US"] } }),
];

const PEOPLE: readonly (readonly [string, string, string, boolean])[] = [
  ["Ada Lovelace", "ada@example.org", "admin", true],
  ["Grace Hopper", "grace@example.org", "admin", true],
  ["Katherine Johnson", "katherine@example.org", "user", true],
  ["Jesse Livermore", "jesse@example.org", "subscriber_pro", true],
  ["<script>alert(1)</script>", "hostile+name@example.org", "subscriber_basic", true],
  ["Left Ago", "left@example.org", "user", false],
];

function madeUsers(began: number): Json[] {
  return PEOPLE.map(([displayName, email, role, isActive], at) => ({
    id: String(at + 1),
    username: email.split("@")[0],
    email,
    displayName,
    pictureUrl: null,
    role,
    isActive,
    identityProvider: at % 2 === 0 ? null : "https://clerk.example.org",
    lastLoginAt: at === 3 ? null : began - at * 8.1e7 - 4e5,
    createdAt: began - (9 - at) * 8.64e8,
  }));
}

function keyOf(id: string, name: string, createdAt: number, over: Json): Json {
  return {
    id,
    userId: "1",
    name,
    prefix: `lvm_${seedOf(name).toString(16).padStart(8, "0")}`,
    scopes: ["alerts"],
    requestsPerMinute: 120,
    createdAt,
    expiresAt: null,
    lastUsedAt: createdAt + 1e6,
    revokedAt: null,
    ...over,
  };
}

function madeKeys(began: number): Json[] {
  return [
    keyOf("1", "dashboard of a partner", began - 2.1e9, {
      scopes: ["readings", "candles", "alerts", "stream"],
      lastUsedAt: began - 41_000,
      expiresAt: began + 9 * 8.64e7,
      requestsPerMinute: 600,
    }),
    keyOf("2", "alerts to the desk", began - 9e8, { lastUsedAt: began - 7.2e6 }),
    keyOf("3", "trial of last spring", began - 1.9e10, { expiresAt: began - 8.64e8, lastUsedAt: began - 1.1e9 }),
    keyOf("4", "<i>leaked</i> on a slide", began - 3.1e9, { revokedAt: began - 2.6e9, lastUsedAt: null }),
  ];
}
