/** From Clerk's session to a person of ours, who is entered when they come for the first time. */
import type { Person } from "@/api/shapes";
import { askWho } from "@/app/begin";
import { clerkSource, type ClerkClient } from "@/lib/clerk-source";
import { answer, api } from "@/lib/http";
import { Problem } from "@/lib/problem";
import { session } from "@/lib/session";

/** Who was last let in on this page: what it holds is theirs, and the link it has open. */
let lastId: string | null = null;

/** Let whoever is signed in at Clerk in; what speaks against it is given back. */
export async function enterByClerk(clerk: ClerkClient, name: string | null): Promise<Problem | null> {
  // The door opens again by itself when Clerk's session has ended: no token is to be had any more.
  const gone = (): void => void session.token(true).catch(() => null);
  session.begin(
    clerkSource(clerk, gone, () => location.assign("/")),
    null,
    askWho,
  );
  try {
    const person = await entered(name);
    if (lastId !== null && lastId !== person.id) {
      location.reload();
      return null;
    }
    lastId = person.id;
    session.become({ phase: "signed-in", person });
    return null;
  } catch (error) {
    return Problem.of(error);
  }
}

async function entered(name: string | null): Promise<Person> {
  try {
    return await askWho();
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 403) throw error;
    // Not known yet, or not let in any more: entering tells which.
    return await answer(api.POST("/api/v1/users/sync", { body: { displayName: name } }));
  }
}
