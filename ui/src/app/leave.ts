/** Signing out, and saying so where it could not be done. */
import { toast } from "sonner";

import { Problem } from "@/lib/problem";
import { session } from "@/lib/session";

export function leave(): void {
  session.signOut().catch((error: unknown) => {
    const problem = Problem.of(error);
    toast.error(`You are still signed in: ${problem.title}`);
  });
}
