/** What the fixture server tells of logs and settings, in the API's shapes. */
import { dice } from "./market.ts";
import { SETTINGS, SETTINGS_SCHEMA } from "./settings.ts";
import type { FixtureOptions, Json } from "./world.ts";

export interface Reply {
  readonly code: number;
  readonly body: unknown;
}
export type Answer = (query: URLSearchParams, body: Json, ...parts: string[]) => unknown;

export const told = (code: number, title: string, detail: string, more: Json = {}): Reply => ({
  code,
  body: { title, status: code, detail, code: "fixture", ...more },
});

const EVENTS: readonly (readonly [string, string, Json])[] = [
  ["info", "request", { method: "GET", path: "/api/v1/network", status: 200, ms: 2.1, who: "ada@example.org" }],
  ["info", "session.batch", { exchange: "coinbase", candles: 34, alerts: 0, ms: 3.4 }],
  ["debug", "feed.frame", { exchange: "binance", bytes: 812 }],
  ["warning", "feed.lost", { exchange: "binance", reason: "the exchange closed the connection: 1006", again_in_s: 4 }],
  ["info", "command.heard", { exchange: "coinbase", type: "force-backfill", issued_by: "ada@example.org" }],
  [
    "error",
    "delivery.failed",
    {
      channel: "phone",
      reason: "the address answered 404",
      exception:
        'Traceback (most recent call last):\n  File "told.py", line 88\nDeliveryRefused: 404 <script>alert(1)</script>',
    },
  ],
];

/** Lines are numbered by the second, so that the log grows as one looks at it. */
export function logs(options: FixtureOptions, query: URLSearchParams): Json {
  const files = options.mood === "empty" ? [] : ["coinbase.log", "server.log"];
  const levels = ["debug", "info", "warning", "error"];
  const least = levels.indexOf(query.get("level") ?? "info");
  const newest = Math.floor(options.now() / 700);
  const items: Json[] = [];
  let at = Number(query.get("cursor")?.split(":")[1] ?? newest);
  const end = newest - 4000;
  for (; items.length < Number(query.get("limit") ?? 50) && at > end && files.length > 0; at -= 1) {
    const chance = dice(at);
    const [level, event, fields] = EVENTS[Math.floor(chance() ** 1.6 * EVENTS.length)] ?? ["info", "nothing", {}];
    const line = {
      file: query.get("file") ?? files[0],
      timestamp: new Date(at * 700).toISOString(),
      level,
      event,
      fields: { ...fields, correlation_id: `6f1c${Math.floor(at / 9).toString(16)}`, line: at },
    };
    if (levels.indexOf(level) < least) continue;
    if (
      !JSON.stringify(line)
        .toLowerCase()
        .includes((query.get("search") ?? "").toLowerCase())
    )
      continue;
    if (query.get("correlationId") !== null && query.get("correlationId") !== line.fields.correlation_id) continue;
    items.push(line);
  }
  return { items, next: at > end && files.length > 0 ? `0:${at}` : null, files };
}

export function settingsRoutes(options: FixtureOptions): [string, RegExp, Answer][] {
  let version = 3;
  let settings: Json = SETTINGS;
  const history = [3, 2, 1].map((one): Json => ({
    version: one,
    reason: one === 2 ? "import" : "update",
    changedBy: one === 2 ? "grace@example.org" : "ada@example.org",
    changedAt: options.now() - (4 - one) * 9.1e7,
  }));
  const shown = (): Json => ({ version, changedAt: history[0]?.changedAt, settings });
  const save = (next: Json, reason: string, expected: unknown): Reply | Json => {
    if (expected !== null && expected !== `"${version}"`)
      return told(409, "Conflict", `the settings are of version ${version} by now`, { context: { version } });
    version += 1;
    settings = next;
    history.unshift({ version, reason, changedBy: "ada@example.org", changedAt: options.now() });
    return shown();
  };
  const changes = (document: Json): Json[] =>
    Object.keys({ ...settings, ...document })
      .filter((key) => JSON.stringify(settings[key]) !== JSON.stringify(document[key]))
      .map((key) => ({ path: `/${key}`, before: settings[key] ?? null, after: document[key] ?? null }));
  const bare = ({ "If-Match": _, ...document }: Json): Json => document;
  return [
    ["GET", /^\/settings$/, shown],
    [
      "PUT",
      /^\/settings$/,
      (_, body) => {
        const currency = (bare(body).profile as Json | undefined)?.currency;
        if (currency === "ZZZ")
          return told(422, "Unprocessable Content", "/profile/currency is not known", {
            errors: [{ path: "/profile/currency", message: "is not known" }],
          });
        return save(bare(body), "update", body["If-Match"]);
      },
    ],
    // Another person saves: for looking at a conflict.
    [
      "POST",
      /^\/settings\/meddle$/,
      () =>
        save(
          {
            ...settings,
            runtime: { ...(settings.runtime as Json), autoStart: true },
            alerts: { ...(settings.alerts as Json), firstLevel: 175 },
          },
          "patch",
          null,
        ),
    ],
    [
      "POST",
      /^\/settings\/alerts\/preview$/,
      (_, body) => {
        const total = Math.round(9000 / Number(body.firstLevel ?? 150));
        const fired = ["5m", "15m", "1h"].map((timeframe, at) => ({
          timeframe,
          label: at === 1 ? "reversal_oversold" : "level_150",
          count: Math.round(total / 3),
        }));
        const coverage = [
          { timeframe: "5m", days: 3.47 },
          { timeframe: "1h", days: 7 },
        ];
        return {
          ruleVersion: "macdv-1-0a1b2c3d",
          total,
          fired,
          coverage,
          symbols: 34,
          symbolsLeftOut: 0,
          isApproximate: true,
        };
      },
    ],
    ["GET", /^\/settings\/schema$/, () => SETTINGS_SCHEMA],
    ["GET", /^\/settings\/export$/, () => ({ exportedAt: options.now(), exportVersion: 2, settings })],
    ["GET", /^\/settings\/history$/, (query) => ({ items: query.get("cursor") === null ? history : [], next: null })],
    [
      "POST",
      /^\/settings\/restore$/,
      (_, body) =>
        body.version === version
          ? told(409, "Conflict", "it is the present one")
          : save(SETTINGS, "restore", body["If-Match"]),
    ],
    [
      "POST",
      /^\/settings\/import$/,
      (query, body) => {
        const document = ((body.document as Json).settings ?? body.document) as Json;
        const found = changes(document);
        if (query.get("dryRun") !== "false") return { isDryRun: true, changes: found, version };
        save(document, "import", null);
        return { isDryRun: false, changes: found, version };
      },
    ],
  ];
}
