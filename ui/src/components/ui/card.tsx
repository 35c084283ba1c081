/** A sheet of the page with an optional heading line. */
import type { ComponentProps, ReactNode } from "react";

import { classes } from "@/lib/classes";

export function Card({ className, ...rest }: ComponentProps<"section">) {
  return <section className={classes("rounded-card border border-line bg-surface", className)} {...rest} />;
}

interface CardHeadProps {
  title: ReactNode;
  note?: ReactNode;
  children?: ReactNode;
}

export function CardHead({ title, note, children }: CardHeadProps) {
  return (
    <header className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-1.5">
      <h2 className="text-sm font-semibold">{title}</h2>
      {note !== undefined && <span className="text-xs text-faint">{note}</span>}
      <div className="ml-auto flex items-center gap-2">{children}</div>
    </header>
  );
}
