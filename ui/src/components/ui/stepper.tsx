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
    <ol aria-label={label} className="flex">
      {steps.map((step, at) => {
        const isPast = at < here;
        const isHere = at === here;
        return (
          <li
            key={step}
            aria-current={isHere ? "step" : undefined}
            className={classes("min-w-0", at < steps.length - 1 && "flex-1")}
          >
            <span className="flex items-center">
              <Point isPast={isPast} isHere={isHere} isBroken={isBroken} isEnded={isEnded} />
              {at < steps.length - 1 && (
                <span
                  aria-hidden="true"
                  className={classes("mx-1.5 h-px flex-1 bg-line-strong", isPast && !isEnded && "bg-muted")}
                />
              )}
            </span>
            <span
              className={classes(
                "block pt-1 text-2xs text-faint",
                isHere && "font-medium text-text",
                isHere && isBroken && "text-bad",
              )}
            >
              {step}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function Point({
  isPast,
  isHere,
  isBroken,
  isEnded,
}: {
  isPast: boolean;
  isHere: boolean;
  isBroken: boolean;
  isEnded: boolean;
}) {
  return (
    <span
      aria-hidden="true"
      className={classes(
        "grid size-[15px] shrink-0 place-items-center rounded-full border border-line-strong bg-surface text-surface [&_svg]:size-2.5 [&_svg]:stroke-[3.5]",
        isPast && "border-muted bg-muted",
        isHere && "border-accent bg-accent ring-3 ring-accent/20",
        isHere && isBroken && "border-bad bg-bad ring-bad/20",
        isEnded && "border-off bg-surface ring-0",
        isEnded && isHere && "bg-off",
      )}
    >
      {isPast && !isEnded && <Check />}
      {isHere && isBroken && <X />}
    </span>
  );
}
