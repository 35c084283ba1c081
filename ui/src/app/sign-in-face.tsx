/** What stands on the door: a sign, a title, and what can be done next. */
import type { ReactNode } from "react";

export function Face({ icon, title, children }: { icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <div className="space-y-3 text-sm text-muted">
      <span className="grid size-9 place-items-center rounded-lg bg-accent/12 text-accent [&_svg]:size-5">{icon}</span>
      <h1 className="text-lg font-semibold text-text">{title}</h1>
      {children}
    </div>
  );
}
