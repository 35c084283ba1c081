/** A word or two on what is pointed at or focused; nothing that cannot be learnt otherwise stands only here. */
import { useId, useState, type ReactNode } from "react";
import { createPortal } from "react-dom";

interface TooltipProps {
  text: ReactNode;
  children: ReactNode;
  className?: string;
}

export function Tooltip({ text, children, className }: TooltipProps) {
  const [at, setAt] = useState<DOMRect | null>(null);
  const id = useId();
  return (
    <span
      className={className}
      aria-describedby={at === null ? undefined : id}
      onPointerEnter={(event) => setAt(event.currentTarget.getBoundingClientRect())}
      onPointerLeave={() => setAt(null)}
      onFocus={(event) => setAt(event.currentTarget.getBoundingClientRect())}
      onBlur={() => setAt(null)}
      onKeyDown={(event) => event.key === "Escape" && setAt(null)}
    >
      {children}
      {at !== null &&
        createPortal(
          <span
            role="tooltip"
            id={id}
            className="pointer-events-none fixed z-50 max-w-72 -translate-x-1/2 -translate-y-full rounded-md bg-text px-2 py-1 text-xs text-canvas shadow-raised"
            style={{ left: Math.min(Math.max(at.left + at.width / 2, 80), window.innerWidth - 80), top: at.top - 6 }}
          >
            {text}
          </span>,
          document.body,
        )}
    </span>
  );
}
