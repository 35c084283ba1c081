/** The faces of somebody who is not signed in, and what each of them can do next. */
import { KeyRound, PlugZap, TimerOff } from "lucide-react";
import { useEffect, type ReactNode } from "react";

import { begin } from "@/app/begin";
import { Wordmark } from "@/app/wordmark";
import { Button } from "@/components/ui/button";
import type { Problem } from "@/lib/problem";
import type { SessionState } from "@/lib/session";

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
  if (state.phase === "signed-out" && state.reason === "expired") {
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

function Face({ icon, title, children }: { icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <div className="space-y-3 text-sm text-muted">
      <span className="grid size-9 place-items-center rounded-lg bg-accent/12 text-accent [&_svg]:size-5">{icon}</span>
      <h1 className="text-lg font-semibold text-text">{title}</h1>
      {children}
    </div>
  );
}
