/** A row of choices of which one holds: arrow keys move, as the ARIA pattern of tabs and radio groups asks. */
import type { KeyboardEvent, ReactNode } from "react";

import { classes } from "@/lib/classes";

interface SegmentsProps<T extends string> {
  label: string;
  value: T;
  options: readonly { readonly value: T; readonly label: ReactNode; readonly hint?: string }[];
  onChange: (value: T) => void;
}

export function Segments<T extends string>({ label, value, options, onChange }: SegmentsProps<T>) {
  const move = (event: KeyboardEvent<HTMLDivElement>): void => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = options.findIndex((option) => option.value === value);
    const next = (at + step + options.length) % options.length;
    const chosen = options[next];
    if (chosen === undefined) return;
    onChange(chosen.value);
    event.currentTarget.querySelectorAll<HTMLElement>("[role=radio]")[next]?.focus();
  };
  return (
    <div
      role="radiogroup"
      aria-label={label}
      onKeyDown={move}
      className="inline-flex rounded-md border border-line bg-sunken p-0.5"
    >
      {options.map((option) => {
        const isChosen = option.value === value;
        return (
          <button
            key={option.value}
            type="button"
            role="radio"
            aria-checked={isChosen}
            tabIndex={isChosen ? 0 : -1}
            title={option.hint}
            onClick={() => onChange(option.value)}
            className={classes(
              "h-6.5 rounded px-2.5 text-xs font-medium text-muted transition-colors hover:text-text",
              isChosen && "bg-raised text-text shadow-sm",
            )}
          >
            {option.label}
          </button>
        );
      })}
    </div>
  );
}
