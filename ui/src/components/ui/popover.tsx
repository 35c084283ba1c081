/** A small window that hangs on its button, on the platform's own popover: a press beside it or Escape closes it. */
import { useId, useRef, useState, type ComponentProps, type ReactNode } from "react";

import { Button } from "@/components/ui/button";
import { classes } from "@/lib/classes";

interface PopoverProps {
  label: string;
  /** What the button shows; an icon alone takes the label as its name. */
  button: ReactNode;
  look?: Pick<ComponentProps<typeof Button>, "weight" | "size" | "className">;
  className?: string;
  /** Drawn only while the window is open; `close` closes it. */
  children: (close: () => void) => ReactNode;
}

/** As near to the edge of the page as it comes, px. */
const MARGIN = 8;

export function Popover({ label, button, look, className, children }: PopoverProps) {
  const id = useId();
  const opener = useRef<HTMLButtonElement>(null);
  const sheet = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  const place = (): void => {
    const [from, at] = [opener.current?.getBoundingClientRect(), sheet.current];
    if (from === undefined || at === null) return;
    const widest = window.innerWidth - at.offsetWidth - MARGIN;
    at.style.top = `${from.bottom + 4}px`;
    at.style.left = `${Math.max(MARGIN, Math.min(from.left, widest))}px`;
  };
  return (
    <>
      <Button
        ref={opener}
        popoverTarget={id}
        aria-expanded={isOpen}
        aria-label={label}
        title={label}
        weight="quiet"
        {...look}
      >
        {button}
      </Button>
      <div
        ref={sheet}
        id={id}
        popover="auto"
        role="dialog"
        aria-label={label}
        onToggle={(event) => {
          setOpen(event.newState === "open");
          requestAnimationFrame(place);
        }}
        className={classes(
          "fixed inset-auto m-0 max-h-[calc(100dvh-4rem)] overflow-y-auto rounded-lg border border-line-strong bg-raised p-4 text-text shadow-raised",
          className,
        )}
      >
        {isOpen && children(() => document.getElementById(id)?.hidePopover())}
      </div>
    </>
  );
}
