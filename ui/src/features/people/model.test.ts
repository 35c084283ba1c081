import { describe, expect, it } from "vitest";

import type { Person } from "@/api/shapes";
import { conditionOfKey, endOf, expiryOf, initialsOf, inOrder, sayChange, signInOf } from "@/features/people/model";
import { peopleSearch } from "@/features/people/search";
import type { Key } from "@/lib/resources/people";
import { NOON } from "@/testing/builders";

const DAY = 86_400_000;
const key = (over: Partial<Key>): Key => ({
  id: "1",
  userId: "1",
  name: "a partner",
  prefix: "lvm_a1b2c3d4",
  scopes: ["alerts"],
  requestsPerMinute: 120,
  createdAt: NOON,
  expiresAt: null,
  lastUsedAt: null,
  revokedAt: null,
  ...over,
});
const person = (over: Partial<Person>): Person => ({
  id: "1",
  username: "ada",
  email: "ada@example.org",
  displayName: "Ada Lovelace",
  pictureUrl: null,
  role: "user",
  isActive: true,
  identityProvider: null,
  lastLoginAt: null,
  createdAt: NOON,
  ...over,
});

describe("a key", () => {
  it("is valid until it ends or is revoked, whichever comes first", () => {
    const word = (over: Partial<Key>): string => conditionOfKey(key(over), NOON).word;
    expect(word({})).toBe("Valid");
    expect(word({ expiresAt: NOON + 30 * DAY })).toBe("Valid");
    expect(word({ expiresAt: NOON + 13 * DAY })).toBe("Ends soon");
    expect(word({ expiresAt: NOON })).toBe("Expired");
    expect(word({ expiresAt: NOON - DAY, revokedAt: NOON - 2 * DAY })).toBe("Revoked");
  });

  it("says when it ends", () => {
    expect(endOf(key({}), NOON)).toBe("never");
    expect(endOf(key({ expiresAt: NOON + 2 * DAY }), NOON)).toBe("in 2 d");
    expect(endOf(key({ expiresAt: NOON - DAY }), NOON)).toBe("1 d ago");
  });

  it("stands above those that open nothing any more", () => {
    const keys = [
      key({ id: "gone", revokedAt: NOON, createdAt: NOON }),
      key({ id: "old", createdAt: NOON - DAY }),
      key({ id: "new", createdAt: NOON - 1 }),
    ];
    expect(inOrder(keys, NOON).map((one) => one.id)).toEqual(["new", "old", "gone"]);
  });

  it("ends as many days from now as was chosen, or never", () => {
    expect([expiryOf("30", NOON), expiryOf("", NOON)]).toEqual([NOON + 30 * DAY, null]);
  });
});

describe("a user", () => {
  it("has the first letters of their name, whatever it is", () => {
    const names = ["Ada Lovelace", "ada", "", "<script>", "élan Vital Third"];
    expect(names.map((displayName) => initialsOf(person({ displayName })))).toEqual(["AL", "A", "AE", "?", "ÉV"]);
  });

  it("signs in where the issuer of their tokens is", () => {
    expect(signInOf(person({ identityProvider: "https://clerk.example.org" }))).toBe("clerk.example.org");
    expect(signInOf(person({ identityProvider: "local" }))).toBe("local");
    expect(signInOf(person({}))).toBe("–");
  });

  it("is told of in words when something of them was changed", () => {
    expect(sayChange("a@b", { role: "subscriber_pro" })).toBe("a@b is Subscriber pro now");
    expect(sayChange("a@b", { isActive: false })).toBe("a@b may not sign in any more");
    expect(sayChange("a@b", { isActive: true })).toBe("a@b may sign in again");
  });
});

it("reads its address and leaves out what is wrong in it", () => {
  expect([peopleSearch({ tab: "keys" }), peopleSearch({ tab: "users", q: 3 })]).toEqual([{ tab: "keys" }, {}]);
});
