/** The one button, in four weights and two sizes. */
import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";

import { classes } from "@/lib/classes";

const looks = cva(
  "inline-flex items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap transition-colors select-none disabled:cursor-not-allowed disabled:opacity-45 [&_svg]:size-4 [&_svg]:shrink-0",
  {
    variants: {
      weight: {
        primary: "border-transparent bg-accent text-on-accent hover:brightness-110",
        plain: "border-line-strong bg-raised text-text hover:bg-hover",
        quiet: "border-transparent text-muted hover:bg-hover hover:text-text",
        danger: "border-bad/50 bg-raised text-bad hover:bg-bad/10",
      },
      size: { small: "h-7 px-2 text-xs", medium: "h-8 px-3 text-sm", icon: "size-8" },
    },
    defaultVariants: { weight: "plain", size: "medium" },
  },
);

type ButtonProps = ComponentProps<"button"> & VariantProps<typeof looks>;

export function Button({ weight, size, className, type = "button", ...rest }: ButtonProps) {
  return <button type={type} className={classes(looks({ weight, size }), className)} {...rest} />;
}
