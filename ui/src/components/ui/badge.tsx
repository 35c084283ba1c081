/** A word with a tone: its dot or icon carries a shape, so that colour is never alone. */
import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";

import { classes } from "@/lib/classes";

const looks = cva(
  "inline-flex h-5 items-center gap-1.5 rounded px-1.5 text-2xs font-medium whitespace-nowrap [&_svg]:size-3 [&_svg]:shrink-0",
  {
    variants: {
      tone: {
        good: "bg-good/12 text-good",
        busy: "bg-busy/12 text-busy",
        warn: "bg-warn/12 text-warn",
        bad: "bg-bad/12 text-bad",
        off: "bg-off/12 text-off",
        simulated: "bg-simulated/12 text-simulated",
        accent: "bg-accent/12 text-accent",
        neutral: "bg-hover text-muted",
      },
    },
    defaultVariants: { tone: "neutral" },
  },
);

type BadgeProps = ComponentProps<"span"> & VariantProps<typeof looks>;

export function Badge({ tone, className, ...rest }: BadgeProps) {
  return <span className={classes(looks({ tone }), className)} {...rest} />;
}
