/** A row of switches of which any number holds. */
import { classes } from "@/lib/classes";

interface TogglesProps<T extends string> {
  label: string;
  options: readonly T[];
  chosen: readonly T[];
  onChange: (chosen: readonly T[]) => void;
}

export function Toggles<T extends string>({ label, options, chosen, onChange }: TogglesProps<T>) {
  return (
    <div role="group" aria-label={label} className="inline-flex rounded-md border border-line-strong bg-raised p-px">
      {options.map((option) => {
        const isChosen = chosen.includes(option);
        return (
          <button
            key={option}
            type="button"
            aria-pressed={isChosen}
            onClick={() => onChange(options.filter((one) => (one === option ? !isChosen : chosen.includes(one))))}
            className={classes(
              "num h-6 rounded-[5px] px-1.5 text-xs font-medium text-muted hover:bg-hover hover:text-text",
              isChosen && "bg-accent text-on-accent hover:bg-accent hover:text-on-accent",
            )}
          >
            {option}
          </button>
        );
      })}
    </div>
  );
}
