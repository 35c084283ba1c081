/** One place of the settings as a field of the form, by what its schema says may stand there. */
import { Plus, X } from "lucide-react";
import { useId, useState } from "react";

import { Button } from "@/components/ui/button";
import { Input, Select } from "@/components/ui/input";
import { isObject, pointer, type Json, type Path } from "@/features/settings/document";
import { plain, rangeOf, type Fault, type Schema } from "@/features/settings/schema";
import { wordFor } from "@/features/settings/words";
import { classes } from "@/lib/classes";

/** A value as one would write it without quotes. */
function worded(value: Json | undefined): string {
  return typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
}

export interface FormContext {
  readonly root: Schema;
  readonly faults: readonly Fault[];
  readonly set: (path: Path, value: Json | undefined) => void;
  /** What is usual at a place of that name; something else may stand there too. */
  readonly usual: Readonly<Record<string, readonly string[]>>;
}

export interface FieldProps {
  context: FormContext;
  schema: Schema;
  path: Path;
  value: Json | undefined;
  label?: string;
}

export function Field({ context, schema, path, value, label }: FieldProps) {
  const found = plain(schema, context.root);
  const name = path.at(-1) ?? "";
  const word = wordFor(name);
  const said = label ?? word.label;
  const id = useId();
  const mine = context.faults.filter(
    (fault) => fault.path === pointer(path) || fault.path.startsWith(`${pointer(path)}/`),
  );
  const usual = context.usual[name] ?? [];
  const control = controlOf(found, value, said, id, mine.length > 0, usual, (next) => context.set(path, next));
  return (
    <div className="grid gap-x-4 gap-y-1 py-2 sm:grid-cols-[12rem_minmax(0,1fr)] sm:items-center">
      <label htmlFor={id} className="text-sm">
        {said}
        {word.hint !== null && <span className="block text-2xs text-faint">{word.hint}</span>}
      </label>
      <div>
        {control}
        {mine.map((fault) => (
          <p key={`${fault.path} ${fault.message}`} id={`${id}-fault`} className="mt-1 text-xs text-bad">
            ✕ {fault.message}
          </p>
        ))}
      </div>
    </div>
  );
}

function controlOf(
  schema: ReturnType<typeof plain>,
  value: Json | undefined,
  label: string,
  id: string,
  isWrong: boolean,
  usual: readonly string[],
  onChange: (value: Json | undefined) => void,
) {
  const marks = { id, "aria-invalid": isWrong, ...(isWrong && { "aria-describedby": `${id}-fault` }) };
  if (schema.enum !== undefined) {
    const options = schema.enum.map((one) => ({ value: worded(one), label: worded(one) }));
    const isKnown = options.some((one) => one.value === value);
    return (
      <Select
        label={label}
        value={isKnown ? worded(value) : ""}
        options={isKnown ? options : [{ value: "", label: "–" }, ...options]}
        onChange={(next) => onChange(next === "" ? undefined : next)}
        className="max-w-60"
      />
    );
  }
  if (schema.type === "boolean")
    return (
      <input
        {...marks}
        type="checkbox"
        role="switch"
        checked={value === true}
        onChange={(event) => onChange(event.target.checked)}
        className="size-4.5 accent-(--accent)"
      />
    );
  if (schema.type === "array") return <ListInput marks={marks} schema={schema} value={value} onChange={onChange} />;
  const isNumber = schema.type === "integer" || schema.type === "number";
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  return isNumber ? (
    <span className="flex items-center gap-2">
      <NumberInput marks={marks} text={text} isOptional={schema.isOptional} onChange={onChange} />
      <span className="num text-2xs text-faint">{rangeOf(schema)}</span>
    </span>
  ) : (
    <>
      <Input
        {...marks}
        value={text}
        spellCheck={false}
        autoComplete="off"
        className="max-w-80"
        {...(usual.length > 0 && { list: `${id}-usual` })}
        onChange={(event) => onChange(event.target.value === "" && schema.isOptional ? undefined : event.target.value)}
      />
      {usual.length > 0 && (
        <datalist id={`${id}-usual`}>
          {usual.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </>
  );
}

type Marks = Readonly<Record<string, string | boolean>>;

/** A number as it is being written: what is no number yet stays a text, which the check then names. */
function NumberInput(props: {
  marks: Marks;
  text: string;
  isOptional: boolean;
  onChange: (value: Json | undefined) => void;
}) {
  const { marks, text, isOptional, onChange } = props;
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <Input
      {...marks}
      inputMode="decimal"
      value={draft ?? text}
      className="num w-28 text-right"
      onBlur={() => setDraft(null)}
      onChange={(event) => {
        const written = event.target.value.trim();
        setDraft(event.target.value);
        if (written === "") onChange(isOptional ? undefined : "");
        else onChange(Number.isFinite(Number(written)) ? Number(written) : written);
      }}
    />
  );
}

interface ListInputProps {
  marks: Marks;
  schema: Schema;
  value: Json | undefined;
  onChange: (value: Json) => void;
}

/** Texts of a list: chosen where there is a choice, else written one after the other. */
function ListInput({ marks, schema, value, onChange }: ListInputProps) {
  const items = Array.isArray(value) ? (value as readonly Json[]) : [];
  const [draft, setDraft] = useState("");
  const choices = schema.items?.enum;
  if (choices !== undefined)
    return (
      <span className="flex flex-wrap gap-1.5">
        {choices.map((choice) => {
          const isChosen = items.includes(choice);
          return (
            <Button
              key={worded(choice)}
              size="small"
              weight={isChosen ? "primary" : "plain"}
              aria-pressed={isChosen}
              onClick={() => onChange(isChosen ? items.filter((one) => one !== choice) : [...items, choice])}
            >
              {worded(choice)}
            </Button>
          );
        })}
      </span>
    );
  const add = (): void => {
    const words = draft.split(/[\s,;]+/).filter((word) => word !== "" && !items.includes(word));
    if (words.length > 0) onChange([...items, ...words]);
    setDraft("");
  };
  return (
    <span className="flex flex-wrap items-center gap-1.5">
      {items.map((item, at) => (
        <span
          key={at}
          className="inline-flex h-7 items-center gap-1 rounded-md border border-line-strong bg-hover pl-2 text-xs"
        >
          {worded(item)}
          <button
            type="button"
            aria-label={`Remove ${worded(item)}`}
            className="grid size-6 place-items-center text-muted hover:text-text"
            onClick={() => onChange(items.filter((_, other) => other !== at))}
          >
            <X aria-hidden="true" className="size-3" />
          </button>
        </span>
      ))}
      <Input
        {...marks}
        value={draft}
        placeholder="Add"
        className="h-7 w-36 text-xs"
        onChange={(event) => setDraft(event.target.value)}
        onBlur={add}
        onKeyDown={(event) => {
          if (event.key !== "Enter" && event.key !== ",") return;
          event.preventDefault();
          add();
        }}
      />
    </span>
  );
}

/** A name to be added to a map. */
export function NewName({
  label,
  taken,
  onName,
}: {
  label: string;
  taken: Json | undefined;
  onName: (name: string) => void;
}) {
  const [name, setName] = useState("");
  const isTaken = isObject(taken) && Object.hasOwn(taken, name);
  return (
    <form
      className={classes("flex gap-2 py-2")}
      onSubmit={(event) => {
        event.preventDefault();
        if (name === "" || isTaken) return;
        onName(name);
        setName("");
      }}
    >
      <Input
        aria-label={label}
        placeholder={label}
        value={name}
        className="h-7 w-48 text-xs"
        onChange={(event) => setName(event.target.value.trim())}
      />
      <Button type="submit" size="small" disabled={name === "" || isTaken}>
        <Plus aria-hidden="true" /> Add
      </Button>
    </form>
  );
}
