/** Fields to write in and to choose from. */
import { ChevronDown, Search, X } from "lucide-react";
import type { ComponentProps, Ref } from "react";

import { classes } from "@/lib/classes";

const FIELD =
  "h-8 w-full rounded-md border border-line-strong bg-raised px-2.5 text-sm text-text placeholder:text-faint disabled:opacity-45 aria-invalid:border-bad";

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input className={classes(FIELD, className)} {...rest} />;
}

interface SearchInputProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  className?: string;
  placeholder?: string;
  ref?: Ref<HTMLInputElement>;
}

export function SearchInput({ label, value, onChange, className, placeholder, ref }: SearchInputProps) {
  return (
    <div className={classes("relative", className)}>
      <Search aria-hidden="true" className="pointer-events-none absolute top-2 left-2.5 size-4 text-faint" />
      <input
        ref={ref}
        type="text"
        role="searchbox"
        aria-label={label}
        value={value}
        placeholder={placeholder ?? label}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
        className={classes(FIELD, "pr-7 pl-8")}
      />
      {value !== "" && (
        <button
          type="button"
          aria-label={`Clear ${label.toLowerCase()}`}
          onClick={() => onChange("")}
          className="absolute top-2 right-2 text-faint hover:text-text"
        >
          <X aria-hidden="true" className="size-4" />
        </button>
      )}
    </div>
  );
}

interface SelectProps<T extends string> {
  label: string;
  value: T;
  options: readonly { readonly value: T; readonly label: string }[];
  onChange: (value: T) => void;
  className?: string;
}

/** One of a few: the platform's own list, which works on every device and for everyone. */
export function Select<T extends string>({ label, value, options, onChange, className }: SelectProps<T>) {
  return (
    <div className={classes("relative", className)}>
      <select
        aria-label={label}
        value={value}
        onChange={(event) => onChange(event.target.value as T)}
        className={classes(FIELD, "appearance-none pr-8")}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <ChevronDown aria-hidden="true" className="pointer-events-none absolute top-2 right-2 size-4 text-faint" />
    </div>
  );
}
