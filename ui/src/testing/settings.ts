/** A document of settings and its schema, as /settings and /settings/schema tell them. */

export const SETTINGS = {
  schemaVersion: 2,
  profile: { timezone: "UTC", locale: "en-GB", currency: "USD", name: "Ada Lovelace" },
  runtime: { mode: "scalper-macdv", alertsOn: "closed", autoStart: false },
  exchanges: { coinbase: { isEnabled: true, apiKeyEnv: "COINBASE_KEY", apiSecretEnv: "COINBASE_SECRET" } },
  symbols: { always: ["BTC-USD", "ETH-USD"], never: [] },
  alerts: {
    firstLevel: 150,
    levelStep: 50,
    hysteresis: 10.0,
    oversoldBuffer: 0.05,
    overboughtBuffer: 0.03,
    shortestCooldownSeconds: 300,
    noise: { level: "on", reversalOversold: "on", reversalOverbought: "on" },
    symbols: { "DOGE-USD": "silent" },
  },
  notifications: {
    channels: [
      {
        id: "desk-discord",
        name: "The desk",
        kind: "discord",
        urlEnv: "LIVERMORE_CHANNEL_DESK",
        isEnabled: true,
        types: [],
        symbols: [],
        exchanges: [],
        timeframes: ["1h", "4h"],
        hasChart: true,
      },
    ],
    groupAfterSeconds: 2.0,
    mostAlertsPerMessage: 25,
    quietHours: { fromHour: 22, toHour: 7 },
  },
};

export const SETTINGS_SCHEMA = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Livermore settings",
  type: "object",
  description: "All that one person has set; what is absent has its default.",
  properties: {
    schemaVersion: { type: "integer", minimum: 2, maximum: 2, default: 2 },
    profile: { $ref: "#/$defs/Profile", default: { timezone: "UTC", locale: "en-GB", currency: "USD" } },
    runtime: {
      $ref: "#/$defs/RuntimeSettings",
      default: { mode: "scalper-macdv", alertsOn: "closed", autoStart: false },
    },
    exchanges: {
      type: "object",
      additionalProperties: { $ref: "#/$defs/ExchangeAccess" },
      maxProperties: 20,
      propertyNames: { type: "string", maxLength: 50, minLength: 1, pattern: "^(?:[a-z0-9_]+)$" },
    },
    symbols: { $ref: "#/$defs/SymbolSettings", default: { always: [], never: [] } },
    alerts: {
      $ref: "#/$defs/AlertSettings",
      default: {
        firstLevel: 150,
        levelStep: 50,
        hysteresis: 10.0,
        oversoldBuffer: 0.05,
        overboughtBuffer: 0.03,
        shortestCooldownSeconds: 300,
        noise: { level: "on", reversalOversold: "on", reversalOverbought: "on" },
        symbols: {},
      },
    },
    notifications: {
      $ref: "#/$defs/NotificationSettings",
      default: { channels: [], groupAfterSeconds: 2.0, mostAlertsPerMessage: 25 },
    },
  },
  additionalProperties: false,
  $defs: {
    AlertSettings: {
      type: "object",
      description:
        "The thresholds of the rules, in MACD-V points and shares of them, and how loudly alerts are told. A change of a threshold makes a new version of the rules; noise levels only decide what people hear.",
      properties: {
        firstLevel: { type: "integer", minimum: 10, maximum: 2000, default: 150 },
        levelStep: { type: "integer", minimum: 5, maximum: 1000, default: 50 },
        hysteresis: { type: "number", minimum: 0, maximum: 100, default: 10.0 },
        oversoldBuffer: { type: "number", minimum: 0, maximum: 1, default: 0.05 },
        overboughtBuffer: { type: "number", minimum: 0, maximum: 1, default: 0.03 },
        shortestCooldownSeconds: { type: "integer", minimum: 0, maximum: 86400, default: 300 },
        noise: {
          $ref: "#/$defs/NoiseByType",
          default: { level: "on", reversalOversold: "on", reversalOverbought: "on" },
        },
        symbols: {
          type: "object",
          additionalProperties: { type: "string", enum: ["on", "silent", "off"] },
          maxProperties: 1000,
          propertyNames: {
            type: "string",
            maxLength: 40,
            minLength: 3,
            pattern: "^(?:[^\\s:{}*?\\[\\]\\\\-]+-[^\\s:{}*?\\[\\]\\\\-]+)$",
          },
        },
      },
      additionalProperties: false,
    },
    Channel: {
      type: "object",
      description:
        "Where alerts are told: the environment variable with its address, and which alerts; empty lists mean all.",
      properties: {
        id: { type: "string", maxLength: 50, minLength: 1, pattern: "^(?:[a-z0-9][a-z0-9-]*)$" },
        name: { type: "string", maxLength: 100, minLength: 1 },
        kind: { type: "string", enum: ["discord", "apprise"] },
        urlEnv: { type: "string", maxLength: 100, minLength: 1, pattern: "^(?:LIVERMORE_CHANNEL_[A-Z0-9_]+)$" },
        isEnabled: { type: "boolean", default: true },
        types: {
          type: "array",
          items: { type: "string", enum: ["level", "reversal_oversold", "reversal_overbought"] },
          maxItems: 10,
          default: [],
        },
        symbols: {
          type: "array",
          items: {
            type: "string",
            maxLength: 40,
            minLength: 3,
            pattern: "^(?:[^\\s:{}*?\\[\\]\\\\-]+-[^\\s:{}*?\\[\\]\\\\-]+)$",
          },
          maxItems: 500,
          default: [],
        },
        exchanges: {
          type: "array",
          items: { type: "string", maxLength: 50, minLength: 1, pattern: "^(?:[a-z0-9_]+)$" },
          maxItems: 20,
          default: [],
        },
        timeframes: {
          type: "array",
          items: { type: "string", enum: ["5m", "15m", "1h", "4h", "1d"] },
          maxItems: 5,
          default: [],
        },
        hasChart: { type: "boolean", default: true },
      },
      required: ["id", "name", "kind", "urlEnv"],
      additionalProperties: false,
    },
    ExchangeAccess: {
      type: "object",
      description:
        "One exchange of a person: the names of the environment variables, on the instance, that hold the credentials.",
      properties: {
        isEnabled: { type: "boolean", default: true },
        apiKeyEnv: {
          anyOf: [
            { type: "string", maxLength: 100, minLength: 1, pattern: "^(?:[A-Za-z_][A-Za-z0-9_]*)$" },
            { type: "null" },
          ],
        },
        apiSecretEnv: {
          anyOf: [
            { type: "string", maxLength: 100, minLength: 1, pattern: "^(?:[A-Za-z_][A-Za-z0-9_]*)$" },
            { type: "null" },
          ],
        },
        passwordEnv: {
          anyOf: [
            { type: "string", maxLength: 100, minLength: 1, pattern: "^(?:[A-Za-z_][A-Za-z0-9_]*)$" },
            { type: "null" },
          ],
        },
      },
      additionalProperties: false,
    },
    NoiseByType: {
      type: "object",
      description: "How loudly each kind of alert is told.",
      properties: {
        level: { type: "string", enum: ["on", "silent", "off"], default: "on" },
        reversalOversold: { type: "string", enum: ["on", "silent", "off"], default: "on" },
        reversalOverbought: { type: "string", enum: ["on", "silent", "off"], default: "on" },
      },
      additionalProperties: false,
    },
    NotificationSettings: {
      type: "object",
      description: "How people are told: on which channels, how many alerts make one message, and when all is quiet.",
      properties: {
        channels: { type: "array", items: { $ref: "#/$defs/Channel" }, maxItems: 20, default: [] },
        groupAfterSeconds: { type: "number", minimum: 0, maximum: 300, default: 2.0 },
        mostAlertsPerMessage: { type: "integer", minimum: 1, maximum: 100, default: 25 },
        watchdogHourUtc: { anyOf: [{ type: "integer", minimum: 0, maximum: 23 }, { type: "null" }] },
        quietHours: { anyOf: [{ $ref: "#/$defs/QuietHours" }, { type: "null" }] },
      },
      additionalProperties: false,
    },
    Profile: {
      type: "object",
      description: "Who somebody is and how numbers and times are shown to them.",
      properties: {
        name: { anyOf: [{ type: "string", maxLength: 100, minLength: 1 }, { type: "null" }] },
        timezone: {
          type: "string",
          maxLength: 64,
          minLength: 1,
          pattern: "^(?:[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+){0,2})$",
          default: "UTC",
        },
        locale: {
          type: "string",
          maxLength: 35,
          minLength: 2,
          pattern: "^(?:[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)$",
          default: "en-GB",
        },
        currency: { type: "string", maxLength: 5, minLength: 3, pattern: "^(?:[A-Z]{3,5})$", default: "USD" },
        primaryExchange: {
          anyOf: [{ type: "string", maxLength: 50, minLength: 1, pattern: "^(?:[a-z0-9_]+)$" }, { type: "null" }],
        },
      },
      additionalProperties: false,
    },
    QuietHours: {
      type: "object",
      description:
        "From which hour to which, in the profile's timezone, alerts are told without a sound; may pass midnight.",
      properties: {
        fromHour: { type: "integer", minimum: 0, maximum: 23 },
        toHour: { type: "integer", minimum: 0, maximum: 23 },
      },
      required: ["fromHour", "toHour"],
      additionalProperties: false,
    },
    RuntimeSettings: {
      type: "object",
      description:
        "How the instances of this admin run; without `late_after_seconds` an alert is late after one timeframe.",
      properties: {
        mode: { type: "string", enum: ["position-monitor", "scalper-macdv"], default: "scalper-macdv" },
        alertsOn: { type: "string", enum: ["closed", "confirmed"], default: "closed" },
        lateAfterSeconds: { anyOf: [{ type: "integer", minimum: 1, maximum: 86400 }, { type: "null" }] },
        autoStart: { type: "boolean", default: false },
      },
      additionalProperties: false,
    },
    SymbolSettings: {
      type: "object",
      description: "Which symbols are watched: how many of the most traded, which in any case, and which never.",
      properties: {
        mostTraded: { anyOf: [{ type: "integer", minimum: 1, maximum: 1000 }, { type: "null" }] },
        always: {
          type: "array",
          items: {
            type: "string",
            maxLength: 40,
            minLength: 3,
            pattern: "^(?:[^\\s:{}*?\\[\\]\\\\-]+-[^\\s:{}*?\\[\\]\\\\-]+)$",
          },
          maxItems: 500,
          default: [],
        },
        never: {
          type: "array",
          items: {
            type: "string",
            maxLength: 40,
            minLength: 3,
            pattern: "^(?:[^\\s:{}*?\\[\\]\\\\-]+-[^\\s:{}*?\\[\\]\\\\-]+)$",
          },
          maxItems: 500,
          default: [],
        },
      },
      additionalProperties: false,
    },
  },
};
