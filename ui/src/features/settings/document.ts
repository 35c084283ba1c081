/** Changes to a JSON document: what differs, one place set, and two people's changes brought together. */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };
export type Path = readonly string[];

export interface Change {
  readonly path: string;
  /** Undefined where there was, or is, nothing. */
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The JSON Pointer (RFC 6901) of a path. */
export function pointer(path: Path): string {
  return path.map((name) => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

export function pathOf(found: string): Path {
  return found === ""
    ? []
    : found
        .slice(1)
        .split("/")
        .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Whether two values are the same JSON; the order of names does not count, nor whether nothing is absent or undefined. */
export function isSame(one: Json | undefined, other: Json | undefined): boolean {
  if (isObject(one) && isObject(other)) {
    const names = Object.keys(one);
    return (
      names.length === Object.keys(other).length &&
      names.every((name) => Object.hasOwn(other, name) && isSame(one[name], other[name]))
    );
  }
  if (Array.isArray(one) && Array.isArray(other)) {
    const [left, right] = [one as readonly Json[], other as readonly Json[]];
    return left.length === right.length && left.every((value, at) => isSame(value, right[at]));
  }
  return one === other;
}

/** Every place that differs; lists are compared whole. */
export function changesBetween(before: Json | undefined, after: Json | undefined, path: Path = []): readonly Change[] {
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return names.flatMap((name) => {
      const [old, now] = [own(before, name), own(after, name)];
      return old === undefined || now === undefined
        ? old === now
          ? []
          : [{ path: pointer([...path, name]), before: old, after: now }]
        : changesBetween(old, now, [...path, name]);
    });
  }
  return isSame(before, after) ? [] : [{ path: pointer(path), before, after }];
}

function own(value: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

export function valueAt(document: Json | undefined, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((value, name) => {
    if (isObject(value)) return own(value, name);
    return Array.isArray(value) ? (value as readonly Json[])[Number(name)] : undefined;
  }, document);
}

/** The document with another value at one place; undefined takes it away, and what is missing on the way is made. */
export function withValue(document: Json | undefined, path: Path, value: Json | undefined): Json {
  const [name, ...rest] = path;
  if (name === undefined) return value === undefined ? {} : value;
  if (Array.isArray(document)) {
    const items = document as readonly Json[];
    if (rest.length === 0 && value === undefined) return items.filter((_, at) => at !== Number(name));
    return items.map((item, at) => (at === Number(name) ? withValue(item, rest, value) : item));
  }
  const whole: Record<string, Json> = isObject(document) ? { ...document } : {};
  if (rest.length === 0 && value === undefined) {
    return Object.fromEntries(Object.entries(whole).filter(([other]) => other !== name));
  }
  return { ...whole, [name]: withValue(own(whole, name), rest, value) };
}

export interface Conflict {
  readonly path: string;
  readonly mine: Json | undefined;
  readonly theirs: Json | undefined;
}

export interface Rebased {
  /** Theirs with my changes in it, where nobody else has changed the same. */
  readonly document: Json;
  readonly conflicts: readonly Conflict[];
}

function touches(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`);
}

/** My changes since `base` upon what others have made of it; where both changed the same differently, theirs stands. */
export function rebased(base: Json, mine: Json, theirs: Json): Rebased {
  const others = changesBetween(base, theirs);
  const conflicts: Conflict[] = [];
  let document = theirs;
  for (const change of changesBetween(base, mine)) {
    const path = pathOf(change.path);
    const isContested = others.some((other) => touches(other.path, change.path));
    if (!isContested) document = withValue(document, path, change.after);
    else if (!isSame(valueAt(theirs, path), change.after))
      conflicts.push({ path: change.path, mine: change.after, theirs: valueAt(theirs, path) });
  }
  return { document, conflicts };
}

/** A document as the editor shows it. */
export function written(document: Json): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

export type Parsed =
  { readonly document: JsonObject; readonly fault: null } | { readonly document: null; readonly fault: string };

/** The object that a text spells, or why it spells none. */
export function parsed(text: string): Parsed {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value)
      ? { document: value, fault: null }
      : { document: null, fault: "Settings are an object: { … }" };
  } catch (error) {
    return { document: null, fault: error instanceof Error ? error.message : String(error) };
  }
}

export interface Channel {
  readonly id: string;
  readonly name: string;
}

/** The channels that a part `notifications` has, as far as they can be told apart; one without a name goes by its id. */
export function channelsIn(notifications: Json | undefined): readonly Channel[] {
  if (!isObject(notifications) || !Array.isArray(notifications.channels)) return [];
  return (notifications.channels as readonly Json[]).flatMap((one) => {
    if (!isObject(one) || typeof one.id !== "string" || one.id === "") return [];
    return [{ id: one.id, name: typeof one.name === "string" && one.name !== "" ? one.name : one.id }];
  });
}
