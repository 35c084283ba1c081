/** The faces of a list that has nothing to show yet, has nothing, or could not be had. */
import { CircleAlert, Inbox, Lock, PlugZap, RefreshCw } from "lucide-react";
import type { ReactNode } from "react";

import { Button } from "@/components/ui/button";
import { classes } from "@/lib/classes";
import { Problem } from "@/lib/problem";

export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden="true" className={classes("skeleton h-4", className)} />;
}

/** Rows that keep the place of what is being fetched. */
export function LoadingRows({ rows, className }: { rows: number; className?: string }) {
  return (
    <div role="status" aria-label="Loading" className={classes("space-y-2.5 p-4", className)}>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} className={row % 3 === 2 ? "w-2/3" : "w-full"} />
      ))}
    </div>
  );
}

interface FaceProps {
  icon: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

function Face({ icon, title, children, action }: FaceProps) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-10 text-center">
      <span className="text-faint [&_svg]:size-6">{icon}</span>
      <p className="text-sm font-medium">{title}</p>
      {children !== undefined && <p className="max-w-sm text-xs text-muted">{children}</p>}
      {action}
    </div>
  );
}

export function EmptyFace({ title, children, action }: Omit<FaceProps, "icon">) {
  return <Face icon={<Inbox aria-hidden="true" />} title={title} children={children} action={action} />;
}

/** What went wrong, in the words of the server where it has any, and the way on. */
export function ErrorFace({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const problem = Problem.of(error);
  // What the server has answered for good is answered the same once more.
  const canHelp = problem.isTransient || problem.status < 0;
  const retry = onRetry !== undefined && canHelp && (
    <Button size="small" onClick={onRetry} className="mt-1">
      <RefreshCw aria-hidden="true" /> Try again
    </Button>
  );
  if (problem.status === 403) {
    return (
      <Face icon={<Lock aria-hidden="true" />} title="Your role does not show this">
        An administrator can change roles under Users. {problem.detail}
      </Face>
    );
  }
  const isGone = problem.status === 0 || problem.status === 503;
  return (
    <div role="alert">
      <Face
        icon={isGone ? <PlugZap aria-hidden="true" /> : <CircleAlert aria-hidden="true" />}
        title={problem.title}
        action={retry}
      >
        {problem.detail}
        {problem.requestId !== null && <span className="num mt-1 block text-faint">Request {problem.requestId}</span>}
      </Face>
    </div>
  );
}
