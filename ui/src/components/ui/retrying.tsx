/** Said above a list that still shows an earlier answer because the one that was asked for does not come. */
import { Problem } from "@/lib/problem";

interface Asked {
  readonly isPlaceholderData: boolean;
  readonly failureCount: number;
  readonly failureReason: unknown;
}

/** Whether what a query shows answers an earlier question, and the present one has failed at least once. */
export function isOutdated(query: Asked): boolean {
  return query.isPlaceholderData && query.failureCount > 0;
}

export function Retrying({ query, className }: { query: Asked; className?: string }) {
  if (!isOutdated(query)) return null;
  return (
    <p role="status" className={`bg-warn/10 py-1.5 text-xs text-warn ${className ?? ""}`}>
      ◔ {Problem.of(query.failureReason).title}; trying again. What is listed answers what was asked before.
    </p>
  );
}
