import { describe, expect, it } from "vitest";

import type { Exchange } from "@/api/shapes";
import {
  connectionOf,
  excessOf,
  feeOf,
  findingsOf,
  geographyOf,
  limitsOf,
  nameProblem,
  setUpOf,
} from "@/features/exchanges/model";
import { exchangesSearch } from "@/features/exchanges/search";
import type { OwnExchange } from "@/lib/resources/account";
import { aCommand } from "@/testing/commands";

const exchange = (over: Partial<Exchange>): Exchange => ({
  id: 1,
  name: "coinbase",
  displayName: "Coinbase",
  hasAdapter: true,
  isActive: true,
  supportedTimeframes: ["5m"],
  restUrl: null,
  wsUrl: null,
  makerFee: "0.006",
  takerFee: "0.012",
  apiLimits: {},
  geoRestrictions: {},
  ...over,
});
const own = (over: Partial<OwnExchange>): OwnExchange => ({
  exchangeId: 1,
  exchangeName: "coinbase",
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
});

describe("an exchange", () => {
  it("tells its fees in per cent without losing a digit that counts", () => {
    expect(["0.006", "0.012", "0.0016", "0", "0.00075", "0.1"].map(feeOf)).toEqual([
      "0.6 %",
      "1.2 %",
      "0.16 %",
      "0 %",
      "0.075 %",
      "10 %",
    ]);
  });

  it("names its limits, also those that nobody has words for", () => {
    const apiLimits = { restWeightPerMinute: 6000, decayPerSecond: 0.33, ordersPer3Days: 7 };
    expect(limitsOf(exchange({ apiLimits })).map((one) => `${one.value} ${one.name}`)).toEqual([
      "6,000 REST weight a minute",
      "0.33 calls given back a second",
      "7 orders per 3 days",
    ]);
  });

  it("says from where it may be used", () => {
    expect(geographyOf(exchange({}))).toEqual({ text: "No restriction is known", isRestricted: false });
    expect(geographyOf(exchange({ geoRestrictions: { blocked: ["US", "XX"], httpStatus: 451 } })).text).toBe(
      "Not from the United States, XX; it answers 451 there",
    );
    expect(geographyOf(exchange({ geoRestrictions: { only: ["US"] } })).text).toBe("Only from the United States");
  });
});

describe("one's own account", () => {
  it("is connected only where it was reached and is enabled", () => {
    const word = (over: Partial<OwnExchange>): string => connectionOf(own(over)).word;
    expect(connectionOf(null).word).toBe("Not set up");
    expect(word({})).toBe("Not tried yet");
    expect(word({ connectionStatus: "connected" })).toBe("Connected");
    expect(word({ connectionStatus: "connected", isEnabled: false })).toBe("Disabled");
    expect(word({ connectionStatus: "failed" })).toBe("Failed");
  });

  it("is warned of by the worst that its key may do", () => {
    expect(excessOf(own({ canTrade: true, canTransfer: true }))).toContain("move funds");
    expect(excessOf(own({ canTrade: true, canTransfer: false }))).toContain("trade");
    expect(excessOf(own({ canTrade: false }))).toBeNull();
    expect(excessOf(own({}))).toBeNull();
  });

  it("takes names of variables and no secrets", () => {
    expect(["COINBASE_API_KEY", " _x1 ", ""].map(nameProblem)).toEqual([null, null, null]);
    for (const secret of ["aGVsbG8/d29ybGQ=", "-----BEGIN EC PRIVATE KEY-----", "a b", "f".repeat(64)])
      expect(nameProblem(secret)).toContain("secret");
    expect(nameProblem("1KEY")).toContain("digits");
    expect(nameProblem("A_".repeat(51))).toContain("100");
  });

  it("is sent without what was left empty", () => {
    const fields = { apiKeyEnv: " KEY ", apiSecretEnv: "", passwordEnv: "  " };
    expect(setUpOf(fields, { displayName: null, isEnabled: true, isDefault: false })).toEqual({
      apiKeyEnv: "KEY",
      apiSecretEnv: null,
      passwordEnv: null,
      displayName: null,
      isEnabled: true,
      isDefault: false,
    });
  });
});

it("tells what a test found in plain words", () => {
  const details = { isReachable: true, latencyMs: 84, missing: ["KEY"], error: null };
  expect(findingsOf(aCommand({ details }))).toEqual([
    { name: "is reachable", value: "yes" },
    { name: "latency ms", value: "84" },
    { name: "missing", value: '["KEY"]' },
    { name: "error", value: "null" },
  ]);
});

it("reads its address and leaves out what is wrong in it", () => {
  expect([exchangesSearch({ setup: "binance" }), exchangesSearch({ setup: 7 })]).toEqual([{ setup: "binance" }, {}]);
});
