/** Copy a text, and say so for a moment. */
import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";

import { classes } from "@/lib/classes";

const SAID_FOR_MS = 1500;

interface CopyButtonProps {
  text: string;
  label?: string;
  className?: string;
}

export function CopyButton({ text, label = "Copy", className }: CopyButtonProps) {
  const [said, setSaid] = useState<"copied" | "refused" | null>(null);
  useEffect(() => {
    if (said === null) return;
    const timer = setTimeout(() => setSaid(null), SAID_FOR_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid("copied");
    } catch {
      setSaid("refused"); // no clipboard without TLS: the text can still be marked by hand
    }
  };
  const words = said === "copied" ? "Copied" : said === "refused" ? "Mark it by hand" : label;
  return (
    <button
      type="button"
      onClick={() => void copy()}
      title={words}
      className={classes(
        "inline-flex items-center gap-1 rounded px-1 align-middle text-2xs text-faint hover:bg-hover hover:text-text [&_svg]:size-3",
        className,
      )}
    >
      {said === "copied" ? <Check aria-hidden="true" /> : <Copy aria-hidden="true" />}
      <span role="status">{words}</span>
    </button>
  );
}
