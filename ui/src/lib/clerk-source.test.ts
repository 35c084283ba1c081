import { describe, expect, it } from "vitest";
import fc from "fast-check";

import { clerkSource, expiryOf, type ClerkSession } from "@/lib/clerk-source";
import { Session } from "@/lib/session";

function tokenOf(claims: object): string {
  const part = (value: object) =>
    btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return `${part({ alg: "RS256" })}.${part(claims)}.c2ln`;
}

/** A Clerk whose session gives these tokens in turn. */
function clerkWith(tokens: (string | null)[]) {
  const heard: { skipCache: boolean }[] = [];
  const listeners = new Set<(now: { session?: ClerkSession | null }) => void>();
  const session: ClerkSession = {
    getToken: (options) => {
      heard.push(options);
      return Promise.resolve(tokens.shift() ?? null);
    },
  };
  const clerk = {
    session: session as ClerkSession | null,
    signOut: (then: () => void) => {
      end();
      then();
      return Promise.resolve();
    },
    addListener: (hear: (now: { session?: ClerkSession | null }) => void) => {
      listeners.add(hear);
      hear({ session: clerk.session });
      return () => listeners.delete(hear);
    },
  };
  const end = (): void => {
    clerk.session = null;
    listeners.forEach((hear) => hear({ session: null }));
  };
  return { clerk, heard, end };
}

describe("tokens from Clerk", () => {
  it("hold until the time that is written in them", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4e9 }), fc.string(), (exp, sub) => {
        // Names are anything; the token's base64 is of bytes.
        expect(expiryOf(tokenOf({ exp, sub: JSON.stringify([...new TextEncoder().encode(sub)]) }))).toBe(exp * 1000);
      }),
    );
  });

  it("hold no longer when they do not say so", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(expiryOf(text)).toBe(0);
      }),
    );
    expect(expiryOf(tokenOf({ exp: "tomorrow" }))).toBe(0);
  });

  it("are taken as Clerk keeps them, and asked for anew when the server refused one", async () => {
    const { clerk, heard } = clerkWith([tokenOf({ exp: 60 }), tokenOf({ exp: 61 })]);
    const source = clerkSource(
      clerk,
      () => undefined,
      () => undefined,
    );

    expect((await source.renew(false))?.expiresAt).toBe(60_000);
    expect((await source.renew(true))?.expiresAt).toBe(61_000);
    expect(heard).toEqual([{ skipCache: false }, { skipCache: true }]);
  });

  it("end with the session, also when it ends elsewhere", async () => {
    const { clerk, end } = clerkWith([]);
    let gone = 0;
    const source = clerkSource(
      clerk,
      () => (gone += 1),
      () => undefined,
    );
    end();

    expect(await source.renew(false)).toBeNull();
    expect(gone).toBe(1);
  });

  it("keep whoever is signed in where Clerk cannot be asked, and say that it is Clerk", async () => {
    const { clerk } = clerkWith([]);
    (clerk.session as ClerkSession).getToken = () => Promise.reject(new Error("clerk_offline"));
    const session = new Session(() => 0);
    session.begin(
      clerkSource(
        clerk,
        () => undefined,
        () => undefined,
      ),
      null,
    );
    session.become({ phase: "signed-in", person: { id: "1" } as never });

    await expect(session.token(true)).rejects.toMatchObject({ status: 0, title: "Clerk does not answer" });
    expect(session.state().phase).toBe("signed-in");
  });

  it("are left behind by whoever signs out, who is not told that the session has expired", async () => {
    const { clerk } = clerkWith([]);
    const steps: string[] = [];
    const source = clerkSource(
      clerk,
      () => steps.push("gone"),
      () => steps.push("left"),
    );
    await source.signOut();

    expect(steps).toEqual(["left"]);
  });

  it("tell of a sign-out that Clerk did not take, and go on watching the session", async () => {
    const { clerk, end } = clerkWith([]);
    const steps: string[] = [];
    clerk.signOut = () => Promise.reject(new Error("clerk_offline"));
    const source = clerkSource(
      clerk,
      () => steps.push("gone"),
      () => steps.push("left"),
    );

    await expect(source.signOut()).rejects.toMatchObject({ title: "Clerk does not answer" });
    end();
    expect(steps).toEqual(["gone"]);
  });
});
