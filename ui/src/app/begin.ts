/** Finding out who is signed in, by the link's token or by the cookie, and else by which door people come in. */
import type { Grant } from "@/api/shapes";
import { answer, api, openApi } from "@/lib/http";
import { Problem } from "@/lib/problem";
import { session, type Door, type TokenSource } from "@/lib/session";

const local: TokenSource = {
  renew: () => orNobody(answer(openApi.POST("/api/v1/auth/refresh"))),
  signOut: async () => {
    await openApi.POST("/api/v1/auth/sign-out");
  },
};

/** No grant: nobody is signed in, may come in, or (404) can do so by links. */
const NOBODY = [401, 403, 404];

async function orNobody(asked: Promise<Grant>): Promise<Grant | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Problem && NOBODY.includes(error.status)) return null;
    throw error;
  }
}

export const askWho = () => answer(api.GET("/api/v1/users/me"));

/** The one-time token of the sign-in link, taken off the address so that it stays in no history. */
export function takeLinkToken(address: Location, history: History): string | null {
  const token = new URLSearchParams(address.hash.slice(1)).get("token");
  if (token !== null) history.replaceState(null, "", address.pathname.replace(/^\/sign-in$/, "/") + address.search);
  return token;
}

async function findDoor(): Promise<Door> {
  const server = await answer(openApi.GET("/api/v1/server"));
  if (server.clerkPublishableKey !== null) {
    // Had before it is shown: what cannot be loaded is tried again like any other answer.
    await import("@/app/clerk-door");
    return { kind: "clerk", publishableKey: server.clerkPublishableKey };
  }
  return server.signIn === "local" ? { kind: "link" } : { kind: "elsewhere", issuers: server.issuers };
}

/** The token of a link that was opened while the server was away. */
let kept: string | null = null;

/** Settle who is signed in; what cannot be told because the server is away is said as such and can be tried again. */
export async function begin(): Promise<void> {
  const token = takeLinkToken(location, history) ?? kept;
  kept = null;
  try {
    const first =
      token === null ? null : await orNobody(answer(openApi.POST("/api/v1/auth/sign-in", { body: { token } })));
    const grant = first ?? (await local.renew(false));
    if (grant === null) {
      session.door = await findDoor();
      session.become({ phase: "signed-out", reason: token === null ? "none" : "link-used" });
      return;
    }
    session.begin(local, grant, askWho);
    session.become({ phase: "signed-in", person: await askWho() });
  } catch (error) {
    kept = token; // it has not been used up: nobody was there to take it
    session.become({ phase: "unreachable", problem: Problem.of(error) });
  }
}
