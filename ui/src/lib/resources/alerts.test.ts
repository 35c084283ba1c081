import { describe, expect, it } from "vitest";

import { alertsQuery, applyNews, newestOf, passes, type AlertPages } from "@/lib/resources/alerts";
import { newQueryClient } from "@/lib/query";
import { anAlert } from "@/testing/builders";

describe("the ledger", () => {
  const pages = {
    pages: [{ items: [anAlert()], next: null, source: "ledger" as const, unreadable: [] }],
    pageParams: [null],
  };

  it("takes an alert away once the filter does not let it through any more", () => {
    const gone = applyNews(pages, anAlert({ status: "retracted" }), { status: "fired" });
    expect(gone.pages[0]?.items).toEqual([]);
  });

  it("is not changed by an alert that the filter does not let through", () => {
    expect(applyNews(pages, anAlert({ id: "a2", symbol: "BTC-USD" }), { symbol: "ZEC-USD" })).toBe(pages);
  });

  it("shows a new alert on top", () => {
    expect(applyNews(pages, anAlert({ id: "a2" }), {}).pages[0]?.items.map((one) => one.id)).toEqual(["a2", "a1"]);
  });

  it("copies none of the alerts that it has when one more comes", () => {
    const client = newQueryClient();
    const options = alertsQuery({});
    client.getQueryCache().build(client, client.defaultQueryOptions(options));
    client.setQueryData<AlertPages>(options.queryKey, pages);
    const known = pages.pages[0]?.items[0];
    client.setQueryData<AlertPages>(options.queryKey, (old) => applyNews(old ?? pages, anAlert({ id: "a2" }), {}));
    const shown = client.getQueryData<AlertPages>(options.queryKey)?.pages[0]?.items ?? [];
    expect(shown.map((one) => one.id)).toEqual(["a2", "a1"]);
    expect(shown[1]).toBe(known);
    client.clear();
  });

  it("lets everything through without a filter", () => {
    expect(passes(anAlert(), {})).toBe(true);
  });

  it("lets go of all but the newest page, so that asking again costs one request", () => {
    const items = Array.from({ length: 70 }, (_, at) => anAlert({ id: `a${at}` }));
    const page = { items, next: "c1", source: "ledger" as const, unreadable: [] };
    const left = newestOf({ pages: [page, { ...page, next: null }], pageParams: [null, "c1"] });
    expect(left.pages).toHaveLength(1);
    expect(left.pageParams).toEqual([null]);
    expect(left.pages[0]?.items[0]?.id).toBe("a0");
    expect(left.pages[0]?.items.length).toBeLessThan(70);
  });
});
