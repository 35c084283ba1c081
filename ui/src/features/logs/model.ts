/** A log that grows while it is read: new lines are joined on top without a double, and what was missed is said. */
import type { Tone } from "@/lib/colours";
import type { LogLine, LogPage } from "@/lib/resources/logs";

/** A line with a key of its own, or a place where lines may be missing. */
export type Entry =
  | { readonly kind: "line"; readonly key: number; readonly line: LogLine }
  | { readonly kind: "hole"; readonly key: number };

export interface Tail {
  /** The newest first. */
  readonly entries: readonly Entry[];
  /** Where older lines go on, or null at the beginning of the log. */
  readonly next: string | null;
  readonly files: readonly string[];
  readonly nextKey: number;
}

/** The most lines that are kept; the oldest are let go, and are fetched again when they are asked for. */
export const KEPT = 5000;
/** So many of the newest known lines have to be met again in the same order for two pages to be joined. */
const JOINT = 5;

export const EMPTY: Tail = { entries: [], next: null, files: [], nextKey: 0 };

/** The fields that name what a line belongs to. */
const ID_FIELDS = ["correlation_id", "correlationId"] as const;

/** The correlation id of a line, or null. */
export function idOf(line: LogLine): string | null {
  const found = ID_FIELDS.map((name) => line.fields[name]).find((value) => typeof value === "string");
  return typeof found === "string" ? found : null;
}

const REFUSED = 400;

/** Whether a line is only the server's note of a request that was answered as wished: so many hide the market. */
export function isRoutine(line: LogLine): boolean {
  const { status } = line.fields;
  return line.event === "request" && line.level === "info" && typeof status === "number" && status < REFUSED;
}

/** Whether a line is only the server's note that this page has asked for the log: it would fill the log with itself. */
export function isEcho(line: LogLine): boolean {
  return line.event === "request" && line.fields.path === "/api/v1/logs";
}

function signOf(line: LogLine): string {
  return JSON.stringify([line.timestamp, line.level, line.event, line.fields]);
}

/** How many lines of a newer page are new: those before the place where the known ones go on; null where it is nowhere. */
export function newIn(page: readonly LogLine[], known: readonly LogLine[]): number | null {
  if (known.length === 0) return page.length;
  const signs = page.map(signOf);
  const joint = known.slice(0, JOINT).map(signOf);
  for (let at = 0; at < signs.length; at += 1) {
    const length = Math.min(joint.length, signs.length - at);
    if (joint.slice(0, length).every((sign, index) => signs[at + index] === sign)) return at;
  }
  return null;
}

function keyed(lines: readonly LogLine[], nextKey: number): readonly Entry[] {
  return lines.map((line, at) => ({ kind: "line", key: nextKey + at, line }));
}

function linesOf(entries: readonly Entry[], most: number): readonly LogLine[] {
  const found: LogLine[] = [];
  for (const entry of entries) {
    if (entry.kind === "hole" || found.length === most) break;
    found.push(entry.line);
  }
  return found;
}

/** The first page of a log. */
export function opened(page: LogPage): Tail {
  return { entries: keyed(page.items, 0), next: page.next, files: page.files, nextKey: page.items.length };
}

/** The tail with a newer look at the same log: what is new stands on top, with a hole below it where lines were missed. */
export function withNewer(tail: Tail, page: LogPage): Tail {
  if (tail.entries.length === 0) return opened(page);
  const fresh = newIn(page.items, linesOf(tail.entries, JOINT));
  const news = fresh === null ? page.items : page.items.slice(0, fresh);
  if (news.length === 0) return tail;
  const nextKey = tail.nextKey + news.length + 1;
  const hole: readonly Entry[] = fresh === null ? [{ kind: "hole", key: tail.nextKey + news.length }] : [];
  const entries = [...keyed(news, tail.nextKey), ...hole, ...tail.entries];
  return { ...trimmed(entries, tail), files: page.files, nextKey };
}

function trimmed(entries: readonly Entry[], tail: Tail): Tail {
  // What is let go at the end could not be fetched again by the old cursor, which lies beyond it.
  return entries.length <= KEPT ? { ...tail, entries } : { ...tail, entries: entries.slice(0, KEPT), next: null };
}

/** The tail with older lines below. */
export function withOlder(tail: Tail, page: LogPage): Tail {
  const older = keyed(page.items, tail.nextKey);
  return {
    entries: [...tail.entries, ...older],
    next: page.next,
    files: page.files,
    nextKey: tail.nextKey + older.length,
  };
}

/** Whether no more older lines are kept, though there are some. */
export function isFull(tail: Tail): boolean {
  return tail.entries.length >= KEPT;
}

export function toneOfLevel(level: string): Tone {
  if (level === "error" || level === "critical") return "bad";
  if (level === "warning") return "warn";
  return level === "debug" ? "off" : "neutral";
}

/** What a line says beside its event, in one line: its fields, short ones first as they are written. */
export function summaryOf(line: LogLine): string {
  return Object.entries(line.fields)
    .filter(([name]) => !ID_FIELDS.some((one) => one === name) && name !== "exception")
    .map(([name, value]) => `${name}=${worded(value)}`)
    .join("  ");
}

/** A value of a field in words. */
export function worded(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The instant of a line in ms UTC, or null where it has none that can be read. */
export function instantOf(line: LogLine): number | null {
  const at = Date.parse(line.timestamp);
  return Number.isNaN(at) ? null : at;
}
