/** Where something is on its way: done, here, still to come, or broken here. */
import { Check, X } from "lucide-react";

import { classes } from "@/lib/classes";

interface StepperProps {
  label: string;
  steps: readonly string[];
  current: string;
  isBroken?: boolean;
  isEnded?: boolean;
}

export function Stepper({ label, steps, current, isBroken = false, isEnded = false }: StepperProps) {
  const here = steps.indexOf(current);
  return (
    <ol aria-label={label} className="flex items-start">
      {steps.map((step, at) => {
        const isPast = at < here;
        const isHere = at === here;
        return (
          <li key={step} aria-current={isHere ? "step" : undefined} className="relative flex-1 text-center first:text-left last:text-right">
            {at > 0 && (
              <span
                aria-hidden="true"
                className={classes(
                  "absolute top-[7px] right-1/2 h-px w-full bg-line-strong",
                  at === 1 && "left-3 w-auto",
                  at === steps.length - 1 && "right-3 w-[calc(150%-2rem)]",
                  (isPast || isHere) && !isEnded && "bg-muted",
                )}
              />
            )}
            <span
              aria-hidden="true"
              className={classes(
                "relative inline-grid size-[15px] place-items-center rounded-full border border-line-strong bg-surface text-surface [&_svg]:size-2.5 [&_svg]:stroke-[3.5]",
                isPast && "border-muted bg-muted",
                isHere && !isBroken && !isEnded && "border-accent bg-accent ring-3 ring-accent/20",
                isHere && isBroken && "border-bad bg-bad ring-3 ring-bad/20",
                isEnded && "border-off bg-surface",
                isEnded && isHere && "bg-off",
              )}
            >
              {isPast && <Check />}
              {isHere && isBroken && <X />}
            </span>
            <span className={classes("block pt-1 text-2xs text-faint", isHere && "font-medium text-text", isHere && isBroken && "text-bad")}>{step}</span>
          </li>
        );
      })}
    </ol>
  );
}
