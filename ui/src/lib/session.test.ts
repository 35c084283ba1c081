import { describe, expect, it } from "vitest";

import type { Grant, Person } from "@/api/shapes";
import { Problem } from "@/lib/problem";
import { Session } from "@/lib/session";

const ADA = { id: "1", email: "ada@example.org", displayName: "Ada", role: "admin" } as Person;

function signedIn(grant: Grant | null, renewals: (Grant | null)[]) {
  let now = 0;
  let asked = 0;
  const session = new Session(() => now);
  session.begin({ renew: () => Promise.resolve(renewals[asked++] ?? null), signOut: () => Promise.resolve() }, grant);
  session.become({ phase: "signed-in", person: ADA });
  return { session, asked: () => asked, pass: (ms: number) => (now += ms) };
}

describe("the session", () => {
  it("hands out a token as long as it holds, and renews it shortly before it does not", async () => {
    const { session, pass } = signedIn({ accessToken: "a", expiresAt: 60_000 }, [{ accessToken: "b", expiresAt: 1e6 }]);
    expect(await session.token()).toBe("a");
    pass(31_000);
    expect(await session.token()).toBe("b");
  });

  it("asks who somebody is when the server refuses a role, seldom, and believes the answer", async () => {
    let asked = 0;
    let now = 0;
    const session = new Session(() => now);
    const askWho = () => {
      asked += 1;
      return Promise.resolve({ ...ADA, role: "user" } as Person);
    };
    session.begin({ renew: () => Promise.resolve(null), signOut: () => Promise.resolve() }, null, askWho);
    session.become({ phase: "signed-in", person: ADA });
    await Promise.all([session.doubt(), session.doubt()]);
    expect(session.state()).toMatchObject({ phase: "signed-in", person: { role: "user" } });
    now += 5000;
    await session.doubt();
    expect(asked).toBe(2);
  });

  it("stays with what it knows of somebody when nobody can be asked", async () => {
    const session = new Session(() => 0);
    const askWho = () => Promise.reject(new Problem(0, "The server does not answer", ""));
    session.begin({ renew: () => Promise.resolve(null), signOut: () => Promise.resolve() }, null, askWho);
    session.become({ phase: "signed-in", person: ADA });
    await session.doubt();
    expect(session.state()).toMatchObject({ person: { role: "admin" } });
  });

  it("renews once, however many ask at the same time", async () => {
    const { session, asked } = signedIn(null, [{ accessToken: "b", expiresAt: 1e6 }]);
    expect(await Promise.all([session.token(), session.token(), session.token(true)])).toEqual(["b", "b", "b"]);
    expect(asked()).toBe(1);
  });

  it("says that a session has expired when it cannot be renewed", async () => {
    const { session } = signedIn({ accessToken: "a", expiresAt: 1e6 }, [null]);
    expect(await session.token(true)).toBeNull();
    expect(session.state()).toEqual({ phase: "signed-out", reason: "expired" });
  });

  it("keeps the person signed in when the server could not be asked", async () => {
    const session = new Session(() => 0);
    session.begin({ renew: () => Promise.reject(new TypeError("gone")), signOut: () => Promise.resolve() }, null);
    session.become({ phase: "signed-in", person: ADA });
    await expect(session.token()).rejects.toThrow("gone");
    expect(session.state().phase).toBe("signed-in");
  });
});
