/** What is open at the moment, the worst first; each leads to its evidence. */
import { Link } from "@tanstack/react-router";
import { Check } from "lucide-react";
import type { ReactNode } from "react";

import { StateDot } from "@/components/state-badge";
import { Card, CardHead } from "@/components/ui/card";
import { LoadingRows } from "@/components/ui/faces";
import { Since } from "@/components/ui/time";
import type { OpenProblem } from "@/features/dashboard/model";
import { count } from "@/lib/format";

interface ProblemsProps {
  problems: readonly OpenProblem[];
  isLoading: boolean;
  /** Whether the screen is not live: then it is not known whether there are any. */
  isStale: boolean;
}

export function Problems({ problems, isLoading, isStale }: ProblemsProps) {
  const isNone = !isLoading && !isStale && problems.length === 0;
  return (
    <Card aria-label="Open problems">
      <CardHead title="Open problems" note={problems.length === 0 ? undefined : count(problems.length)} />
      {isLoading && !isStale && <LoadingRows rows={3} />}
      {isNone && (
        <p className="flex items-center gap-2 px-4 py-3 text-sm text-muted">
          <Check aria-hidden="true" className="size-4 text-good" /> None. Dead, silent or warming instances and channels
          that take no message would stand here.
        </p>
      )}
      {isStale && (
        <p className="border-b border-line/70 px-4 py-3 text-sm text-muted last:border-b-0">
          Whether there are others is not known while this screen is not live.
        </p>
      )}
      <ul>
        {problems.map((problem) => (
          <li key={problem.key} className="border-b border-line/70 last:border-b-0">
            <ToEvidence problem={problem}>
              <span className="mt-1">
                <StateDot
                  condition={{ tone: problem.tone, mark: problem.tone === "bad" ? "cross" : "half", word: "" }}
                />
              </span>
              <span className="min-w-0 flex-1">
                <strong className="font-medium break-words [overflow-wrap:anywhere]">{problem.title}</strong>
                <span className="block text-xs break-words text-muted [overflow-wrap:anywhere]">{problem.detail}</span>
              </span>
              {problem.since !== null && (
                <span className="text-xs text-faint">
                  <Since at={problem.since} />
                </span>
              )}
            </ToEvidence>
          </li>
        ))}
      </ul>
    </Card>
  );
}

const LOOK = "flex items-start gap-3 px-4 py-3 text-sm hover:bg-hover";

function ToEvidence({ problem, children }: { problem: OpenProblem; children: ReactNode }) {
  const { exchange, told } = problem;
  if (exchange === null)
    return (
      <Link to="/alerts" search={{ told: told ?? "all" }} className={LOOK}>
        {children}
      </Link>
    );
  return (
    <Link to="/network" search={{ exchange }} className={LOOK}>
      {children}
    </Link>
  );
}
