/** The door of those who sign in with Clerk: loaded only where the server says so, and never with the first script. */
import { ClerkProvider, SignIn as ClerkSignIn, useAuth, useClerk } from "@clerk/react";
import { LogOut, PlugZap, RefreshCw, UserX } from "lucide-react";
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";

import { enterByClerk } from "@/app/clerk-enter";
import { Face } from "@/app/sign-in-face";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/faces";
import type { Problem } from "@/lib/problem";

/** How long Clerk may take before it is said that it does not answer, ms; it is waited for all the same. */
const PATIENCE_MS = 6000;

/** Colours of ours for what Clerk draws; they are tokens, so both themes are meant. Its own buttons say `--accent` too. */
const APPEARANCE = {
  variables: {
    colorPrimary: "var(--door-accent)",
    colorPrimaryForeground: "var(--on-accent)",
    colorBackground: "var(--surface)",
    colorForeground: "var(--text)",
    colorMutedForeground: "var(--muted)",
    colorInput: "var(--raised)",
    colorInputForeground: "var(--text)",
    colorNeutral: "var(--text)",
    colorDanger: "var(--bad)",
    fontFamily: "inherit",
    borderRadius: "var(--radius)",
  },
  // The card is ours: what stands in it has none of its own.
  elements: {
    rootBox: { width: "100%" },
    cardBox: { width: "100%", boxShadow: "none", border: "none", borderRadius: 0, overflow: "visible" },
    card: { padding: 0, background: "none", boxShadow: "none", border: "none", overflow: "visible" },
    footer: { background: "none" },
  },
};

/** Clerk moves between its own steps without loading the page anew. */
const go = (to: string): void => history.pushState(null, "", to);
const goInstead = (to: string): void => history.replaceState(null, "", to);

export function ClerkDoor({ publishableKey, hasExpired }: { publishableKey: string; hasExpired: boolean }) {
  return (
    <ClerkProvider
      publishableKey={publishableKey}
      appearance={APPEARANCE}
      telemetry={false}
      routerPush={go}
      routerReplace={goInstead}
    >
      <Opened hasExpired={hasExpired} />
    </ClerkProvider>
  );
}

/**
 * How far Clerk is. Its own components hear of that only from when they stand: where its scripts come from the browser's
 * cache, Clerk may be ready before, and they would wait for ever.
 */
function useStatus() {
  const clerk = useClerk();
  const watch = useCallback(
    (hear: () => void) => {
      clerk.on("status", hear);
      return () => clerk.off("status", hear);
    },
    [clerk],
  );
  return useSyncExternalStore(watch, () => clerk.status);
}

function Opened({ hasExpired }: { hasExpired: boolean }) {
  const status = useStatus();
  if (status === "error") return <Away />;
  if (status === "loading") return <Waiting />;
  return (
    <>
      {status === "degraded" && (
        <p role="status" className="mb-4 text-sm text-muted">
          Clerk works only in part at the moment; signing in may take several tries.
        </p>
      )}
      <Threshold hasExpired={hasExpired} />
    </>
  );
}

function Waiting() {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return isLong ? <Away /> : <Opening />;
}

function Opening() {
  return (
    <div role="status" aria-label="Loading" className="space-y-3">
      <Skeleton className="h-5 w-1/2" />
      <Skeleton className="h-8 w-full" />
    </div>
  );
}

function Away() {
  return (
    <Face icon={<PlugZap aria-hidden="true" />} title="Clerk does not answer">
      <p>
        People sign in here with Clerk, and it cannot be reached from this browser. Something may block its script, or
        Clerk may be out of order. Livermore itself watches on.
      </p>
      <Button weight="primary" className="w-full" onClick={() => location.reload()}>
        <RefreshCw aria-hidden="true" /> Try again
      </Button>
    </Face>
  );
}

/** Whoever is signed in at Clerk goes through; others get Clerk's form. */
function Threshold({ hasExpired }: { hasExpired: boolean }) {
  const clerk = useClerk();
  const { isSignedIn } = useAuth();
  const [refusal, setRefusal] = useState<Problem | null>(null);
  const enter = useCallback(() => {
    void enterByClerk(clerk, clerk.user?.fullName ?? null).then(setRefusal);
  }, [clerk]);
  useEffect(() => {
    if (isSignedIn) enter();
  }, [isSignedIn, enter]);
  const retry = (): void => {
    setRefusal(null);
    enter();
  };
  const leave = (): void => {
    void clerk.signOut(() => location.assign("/"));
  };
  if (refusal !== null) {
    const who = clerk.user?.primaryEmailAddress?.emailAddress ?? null;
    return <Refused problem={refusal} who={who} onRetry={retry} onLeave={leave} />;
  }
  if (isSignedIn) return <Opening />;
  const here = location.pathname + location.search;
  return (
    <>
      {hasExpired && (
        <p role="status" className="mb-4 text-sm text-muted">
          Your session has ended. Sign in to go on where you were.
        </p>
      )}
      <ClerkSignIn routing="hash" fallbackRedirectUrl={here} signUpFallbackRedirectUrl={here} />
    </>
  );
}

interface RefusedProps {
  problem: Problem;
  who: string | null;
  onRetry: () => void;
  onLeave: () => void;
}

/** What is refused in words of ours, by status; anything else in the server's. */
const TITLES: Readonly<Record<number, string>> = {
  401: "This server does not take Clerk's word for it",
  403: "You may not come in here",
  409: "Your address belongs to somebody else here",
  503: "The server cannot reach its stores",
};

function Refused({ problem, who, onRetry, onLeave }: RefusedProps) {
  const icon = problem.isTransient ? <PlugZap aria-hidden="true" /> : <UserX aria-hidden="true" />;
  return (
    <Face icon={icon} title={TITLES[problem.status] ?? problem.title}>
      <p>{problem.detail}</p>
      <p>
        You are signed in at Clerk{who !== null && <> as {who}</>}.{" "}
        {!problem.isTransient && "An administrator of this server can let you in; or sign in as somebody else."}
      </p>
      <div className="flex gap-2">
        <Button weight="primary" className="flex-1" onClick={onRetry}>
          <RefreshCw aria-hidden="true" /> Try again
        </Button>
        <Button className="flex-1" onClick={onLeave}>
          <LogOut aria-hidden="true" /> Sign out at Clerk
        </Button>
      </div>
    </Face>
  );
}
