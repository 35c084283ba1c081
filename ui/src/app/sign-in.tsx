/** The faces of somebody who is not signed in, and what each of them can do next. */
import { Building2, KeyRound, PlugZap, TimerOff } from "lucide-react";
import { lazy, Suspense, useEffect, type ReactNode } from "react";

import { begin } from "@/app/begin";
import { Face } from "@/app/sign-in-face";
import { Wordmark } from "@/app/wordmark";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/faces";
import type { Problem } from "@/lib/problem";
import { session, type Door, type SessionState } from "@/lib/session";

const ClerkDoor = lazy(async () => ({ default: (await import("@/app/clerk-door")).ClerkDoor }));

export function SignIn({ state }: { state: SessionState }) {
  return (
    <main className="grid min-h-dvh place-items-center px-6">
      <div className="w-full max-w-sm">
        <Wordmark />
        <div className="mt-8 rounded-xl border border-line bg-surface p-6">{face(state)}</div>
      </div>
    </main>
  );
}

function face(state: SessionState): ReactNode {
  if (state.phase === "unreachable") return <Unreachable problem={state.problem} />;
  const { door } = session;
  const hasExpired = state.phase === "signed-out" && state.reason === "expired";
  if (door.kind === "clerk") {
    return (
      <Suspense fallback={<Skeleton className="h-8" />}>
        <ClerkDoor publishableKey={door.publishableKey} hasExpired={hasExpired} />
      </Suspense>
    );
  }
  if (door.kind === "elsewhere") return <Elsewhere door={door} />;
  if (hasExpired) {
    return (
      <Face icon={<TimerOff aria-hidden="true" />} title="Your session has ended">
        <p>Nothing is shown that may no longer be true. Open a fresh link to go on where you were.</p>
        <HowTo />
      </Face>
    );
  }
  const isUsed = state.phase === "signed-out" && state.reason === "link-used";
  return (
    <Face
      icon={<KeyRound aria-hidden="true" />}
      title={isUsed ? "This link has been used or is too old" : "Sign in with the printed link"}
    >
      {isUsed && <p>A sign-in link works once and for a short time.</p>}
      <HowTo />
    </Face>
  );
}

/** Tokens of another issuer are taken, and how to get one these screens do not know. */
function Elsewhere({ door }: { door: Extract<Door, { kind: "elsewhere" }> }) {
  return (
    <Face icon={<Building2 aria-hidden="true" />} title="These screens cannot sign you in here">
      <p>
        The API takes tokens of <span className="break-all text-text">{door.issuers.join(", ")}</span>. The screens know
        Clerk and this server&apos;s own links: whoever runs the server sets{" "}
        <code className="rounded bg-sunken px-1 py-0.5 break-all text-text">LIVERMORE_CLERK_PUBLISHABLE_KEY</code>, or
        names no issuer.
      </p>
    </Face>
  );
}

/** How often it is tried again by itself, ms. */
const AGAIN_MS = 5000;

function Unreachable({ problem }: { problem: Problem }) {
  useEffect(() => {
    const timer = setTimeout(() => void begin(), AGAIN_MS);
    return () => clearTimeout(timer);
  }, [problem]);
  const title = problem.status === 503 ? "The server cannot reach its stores" : problem.title;
  return (
    <Face icon={<PlugZap aria-hidden="true" />} title={title}>
      <p>
        {problem.status === 503
          ? "PostgreSQL or Valkey is away: nobody can be signed in until both are back. Your session is kept."
          : problem.detail || "It may be starting. Your session is kept."}
      </p>
      <p>It is tried again every few seconds.</p>
      <Button weight="primary" className="w-full" onClick={() => void begin()}>
        Try now
      </Button>
    </Face>
  );
}

function HowTo() {
  return (
    <p>
      The server prints a sign-in link when it starts; look at the terminal where{" "}
      <code className="rounded bg-sunken px-1 py-0.5 text-text">make up</code> runs. If that is not yours, ask an
      administrator: Users &amp; keys makes a link for you.
    </p>
  );
}
