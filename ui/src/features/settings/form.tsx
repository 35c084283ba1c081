/** The settings as a form, made from their schema: what the server learns to keep can be filled in at once. */
import { Plus, Trash2 } from "lucide-react";
import type { ReactNode } from "react";

import { Button } from "@/components/ui/button";
import { Card, CardHead } from "@/components/ui/card";
import { isObject, type Json, type JsonObject } from "@/features/settings/document";
import { Field, NewName, type FieldProps, type FormContext } from "@/features/settings/field";
import { plain, type Schema } from "@/features/settings/schema";
import { inWords, wordFor } from "@/features/settings/words";

/** Places that are not for hands. */
const UNSHOWN = new Set(["schemaVersion"]);

interface SettingsFormProps {
  context: FormContext;
  document: JsonObject;
  /** What stands below the fields of a part, by its name. */
  below: Readonly<Record<string, ReactNode>>;
}

export function SettingsForm({ context, document, below }: SettingsFormProps) {
  const parts = Object.entries(context.root.properties ?? {}).filter(([name]) => !UNSHOWN.has(name));
  return (
    <div className="space-y-4">
      {parts.map(([name, schema]) => (
        <Card key={name} aria-label={wordFor(name).label}>
          <CardHead title={wordFor(name).label} />
          <p className="px-4 pt-3 text-xs text-faint">{inWords(plain(schema, context.root).description ?? "")}</p>
          <div className="px-4 py-1.5">
            <Place context={context} schema={schema} path={[name]} value={document[name]} />
          </div>
          {below[name]}
        </Card>
      ))}
    </div>
  );
}

/** Whatever stands at a place: an object's fields, a map's or a list's entries, or one field. */
function Place(props: FieldProps) {
  const { context, path, value } = props;
  const schema = plain(props.schema, context.root);
  if (schema.type === "object" && schema.properties !== undefined) return <Fields {...props} schema={schema} />;
  if (schema.type === "object") return <Entries {...props} schema={schema} />;
  const items = schema.items === undefined ? null : plain(schema.items, context.root);
  if (schema.type === "array" && items?.type === "object")
    return <Items context={context} schema={items} path={path} value={value} />;
  return <Field {...props} />;
}

function Fields({ context, schema, path, value }: FieldProps) {
  const isTop = path.length === 1;
  const found = plain(schema, context.root);
  const isAbsent = found.isOptional && !isObject(value);
  const title = wordFor(path.at(-1) ?? "").label;
  return (
    <fieldset className={isTop ? "" : "my-2 rounded-md border border-line px-3 pb-1"}>
      <legend className={isTop ? "sr-only" : "px-1 text-xs font-medium text-muted"}>{title}</legend>
      {found.isOptional && (
        <Button
          size="small"
          className="my-1"
          onClick={() => context.set(path, isAbsent ? beginningOf(found, context.root) : undefined)}
        >
          {isAbsent ? "Set" : "Take away"}
        </Button>
      )}
      {!isAbsent &&
        Object.entries(found.properties ?? {}).map(([name, inner]) => (
          <Place
            key={name}
            context={context}
            schema={inner}
            path={[...path, name]}
            value={isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined}
          />
        ))}
    </fieldset>
  );
}

/** What a new object begins with: what it has to have. */
function beginningOf(schema: Schema, root: Schema): Json {
  return Object.fromEntries(
    (schema.required ?? []).map((name): [string, Json] => {
      const inner = plain(schema.properties?.[name] ?? {}, root);
      const choice = inner.enum?.[0] ?? null;
      return [name, inner.default ?? choice ?? (inner.type === "string" ? "" : (inner.minimum ?? 0))];
    }),
  );
}

function Entries({ context, schema, path, value }: FieldProps) {
  const inner = typeof schema.additionalProperties === "object" ? schema.additionalProperties : {};
  const names = isObject(value) ? Object.keys(value) : [];
  const title = wordFor(path.at(-1) ?? "").label;
  const isObjects = plain(inner, context.root).type === "object";
  return (
    <fieldset className={path.length === 1 ? "" : "my-2 rounded-md border border-line px-3"}>
      <legend className={path.length === 1 ? "sr-only" : "px-1 text-xs font-medium text-muted"}>{title}</legend>
      {names.map((name) => (
        <Entry key={name} title={name} onRemove={() => context.set([...path, name], undefined)} isWide={isObjects}>
          <Place
            context={context}
            schema={inner}
            path={[...path, name]}
            value={isObject(value) ? value[name] : undefined}
            label={name}
          />
        </Entry>
      ))}
      <NewName
        label={path.at(-1) === "exchanges" ? "coinbase" : "BTC-USD"}
        taken={value}
        onName={(name) =>
          context.set(
            [...path, name],
            plain(inner, context.root).enum?.at(-1) ?? beginningOf(plain(inner, context.root), context.root),
          )
        }
      />
    </fieldset>
  );
}

function Items({ context, schema, path, value }: FieldProps) {
  const items = Array.isArray(value) ? (value as readonly Json[]) : [];
  const title = wordFor(path.at(-1) ?? "").label;
  return (
    <fieldset className="my-2">
      <legend className="text-xs font-medium text-muted">{title}</legend>
      {items.map((item, at) => (
        <Entry
          key={at}
          title={isObject(item) && typeof item.name === "string" && item.name !== "" ? item.name : `${title} ${at + 1}`}
          onRemove={() => context.set([...path, String(at)], undefined)}
          isWide
        >
          <Place context={context} schema={schema} path={[...path, String(at)]} value={item} label={String(at + 1)} />
        </Entry>
      ))}
      <Button
        size="small"
        className="my-2"
        onClick={() => context.set(path, [...items, beginningOf(schema, context.root)])}
      >
        <Plus aria-hidden="true" /> Add one
      </Button>
    </fieldset>
  );
}

interface EntryProps {
  title: string;
  isWide: boolean;
  onRemove: () => void;
  children: ReactNode;
}

function Entry({ title, isWide, onRemove, children }: EntryProps) {
  const remove = (
    <Button weight="quiet" size="icon" aria-label={`Remove ${title}`} onClick={onRemove}>
      <Trash2 aria-hidden="true" />
    </Button>
  );
  if (!isWide)
    return (
      <div className="flex items-center gap-2">
        <div className="min-w-0 flex-1">{children}</div>
        {remove}
      </div>
    );
  return (
    <section aria-label={title} className="my-2 rounded-md border border-line">
      <header className="flex items-center border-b border-line pl-3">
        <h3 className="min-w-0 flex-1 truncate text-sm font-medium">{title}</h3>
        {remove}
      </header>
      <div className="px-3 [&>fieldset]:my-0 [&>fieldset]:border-0 [&>fieldset]:px-0 [&>fieldset>legend]:sr-only">
        {children}
      </div>
    </section>
  );
}
