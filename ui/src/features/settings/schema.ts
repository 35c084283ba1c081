/** The part of JSON Schema (2020-12) that the settings' schema is made of: what is wrong where, and what could stand there. */
import { isObject, pointer, type Json, type Path } from "@/features/settings/document";

export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: Json;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly maxProperties?: number;
  readonly items?: Schema;
  readonly maxItems?: number;
  readonly enum?: readonly Json[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly anyOf?: readonly Schema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

export interface Fault {
  readonly path: string;
  readonly message: string;
}

/** A schema with its reference followed and its "or null" taken off; `isOptional` says whether it had one. */
export function plain(schema: Schema, root: Schema): Schema & { readonly isOptional: boolean } {
  const { anyOf, $ref, ...rest } = schema;
  if (anyOf !== undefined) {
    const inner = anyOf.find((one) => one.type !== "null") ?? {};
    return { ...plain(inner, root), ...rest, isOptional: true };
  }
  const target = $ref === undefined ? {} : (root.$defs?.[$ref.replace("#/$defs/", "")] ?? {});
  return { ...target, ...rest, isOptional: false };
}

/** The schema of what stands at a path, or null where nothing may. */
export function schemaAt(root: Schema, path: Path): ReturnType<typeof plain> | null {
  let here = plain(root, root);
  for (const name of path) {
    const next =
      here.properties?.[name] ??
      here.items ??
      (typeof here.additionalProperties === "object" ? here.additionalProperties : null);
    if (next === null) return null;
    here = plain(next, root);
  }
  return here;
}

/** Everything in the value that the schema does not allow. */
export function faultsIn(root: Schema, value: Json): readonly Fault[] {
  return faults(plain(root, root), root, value, []);
}

function faults(schema: ReturnType<typeof plain>, root: Schema, value: Json, path: Path): readonly Fault[] {
  const here = (message: string): readonly Fault[] => [{ path: pointer(path), message }];
  if (value === null && schema.isOptional) return [];
  if (schema.enum !== undefined && !schema.enum.includes(value))
    return here(`must be one of ${schema.enum.map((one) => JSON.stringify(one)).join(", ")}`);
  switch (schema.type) {
    case "object":
      return isObject(value) ? objectFaults(schema, root, value, path) : here("must be an object");
    case "array":
      return Array.isArray(value) ? arrayFaults(schema, root, value as readonly Json[], path) : here("must be a list");
    case "boolean":
      return typeof value === "boolean" ? [] : here("must be true or false");
    case "string":
      return typeof value === "string" ? textFaults(schema, value).flatMap(here) : here("must be a text");
    case "integer":
    case "number":
      return typeof value === "number" ? numberFaults(schema, value).flatMap(here) : here("must be a number");
    default:
      return [];
  }
}

function objectFaults(
  schema: Schema,
  root: Schema,
  value: Readonly<Record<string, Json>>,
  path: Path,
): readonly Fault[] {
  const names = Object.keys(value);
  const missing = (schema.required ?? []).filter((name) => !Object.hasOwn(value, name));
  const found: Fault[] = missing.map((name) => ({ path: pointer(path), message: `${name} is missing` }));
  if (schema.maxProperties !== undefined && names.length > schema.maxProperties)
    found.push({ path: pointer(path), message: `has more than ${schema.maxProperties} entries` });
  for (const name of names) {
    const inner = [...path, name];
    const known =
      schema.properties !== undefined && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    const next = known ?? schema.additionalProperties;
    if (next === false) found.push({ path: pointer(inner), message: "is not known" });
    if (known === undefined && schema.propertyNames !== undefined)
      found.push(...textFaults(schema.propertyNames, name).map((message) => ({ path: pointer(inner), message })));
    if (typeof next === "object") found.push(...faults(plain(next, root), root, value[name] ?? null, inner));
  }
  return found;
}

function arrayFaults(schema: Schema, root: Schema, value: readonly Json[], path: Path): readonly Fault[] {
  const most = schema.maxItems ?? Infinity;
  const long = value.length > most ? [{ path: pointer(path), message: `has more than ${most} entries` }] : [];
  const items = schema.items === undefined ? null : plain(schema.items, root);
  return items === null
    ? long
    : [...long, ...value.flatMap((item, at) => faults(items, root, item, [...path, String(at)]))];
}

function textFaults(schema: Schema, value: string): readonly string[] {
  const length = Array.from(value).length;
  if (length < (schema.minLength ?? 0)) return [length === 0 ? "must not be empty" : "is too short"];
  if (length > (schema.maxLength ?? Infinity)) return [`is longer than ${schema.maxLength ?? ""} characters`];
  return schema.pattern === undefined || new RegExp(schema.pattern, "u").test(value)
    ? []
    : ["is not spelled as it must be"];
}

function numberFaults(schema: Schema, value: number): readonly string[] {
  if (schema.type === "integer" && !Number.isInteger(value)) return ["must be a whole number"];
  const [least, most] = [schema.minimum ?? -Infinity, schema.maximum ?? Infinity];
  return value < least || value > most ? [`must lie between ${least} and ${most}`] : [];
}

export interface Suggestion {
  readonly label: string;
  readonly detail: string;
  readonly info: string;
}

/** The names that may still be added to the object at a path. */
export function namesAt(root: Schema, path: Path, present: readonly string[]): readonly Suggestion[] {
  const here = schemaAt(root, path);
  return Object.entries(here?.properties ?? {})
    .filter(([name]) => !present.includes(name))
    .map(([label, inner]) => {
      const found = plain(inner, root);
      return { label, detail: rangeOf(found), info: found.description ?? "" };
    });
}

/** The values that may stand at a path, as they are written. */
export function valuesAt(root: Schema, path: Path): readonly Suggestion[] {
  const here = schemaAt(root, path);
  if (here === null) return [];
  const choices: readonly Json[] = here.enum ?? (here.type === "boolean" ? [true, false] : []);
  const offered = choices.length === 0 && here.default !== undefined ? [here.default] : choices;
  return offered.map((value) => ({
    label: JSON.stringify(value),
    detail: value === here.default ? "default" : "",
    info: here.description ?? "",
  }));
}

/** What may stand there, in a few words. */
export function rangeOf(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.map(String).join(" | ");
  if (schema.minimum !== undefined && schema.maximum !== undefined) return `${schema.minimum} to ${schema.maximum}`;
  return schema.type === "array" ? "list" : (schema.type ?? "");
}
