/** The logs of several processes as one, in order of time: each is read by itself, and nothing is shown out of turn. */
import { instantOf, type Entry, type Tail } from "@/features/logs/model";

/** An entry in its place among those of all files. */
export interface Placed {
  readonly id: string;
  readonly file: string;
  readonly entry: Entry;
}

export interface Merged {
  /** The newest first. */
  readonly placed: readonly Placed[];
  /** The files that have to be read further back before anything older can be shown; none at the beginning of all. */
  readonly behind: readonly string[];
}

interface Dated extends Placed {
  readonly at: number;
}

/** The entries of a file with their instants; none is younger than the one above it, whatever a clock did. */
function dated(file: string, tail: Tail): readonly Dated[] {
  let last = Infinity;
  return tail.entries.map((entry) => {
    const own = entry.kind === "line" ? instantOf(entry.line) : null;
    last = Math.min(last, own ?? last);
    return { id: `${file} ${entry.key}`, file, entry, at: last };
  });
}

/** All files as one, as far back as every one of them has been read. */
export function merged(tails: ReadonlyMap<string, Tail>): Merged {
  const files = [...tails].map(([file, tail]) => {
    const entries = dated(file, tail);
    // A file with older lines hides what is older than its oldest known one: they may belong in between.
    const reach = tail.next === null ? -Infinity : (entries.at(-1)?.at ?? Infinity);
    return { file, entries, reach };
  });
  const horizon = Math.max(-Infinity, ...files.map((one) => one.reach));
  const placed = files
    .flatMap((one) => one.entries)
    .filter((one) => one.at >= horizon)
    .sort((one, other) => (one.at === other.at ? 0 : other.at - one.at));
  const behind = files.filter((one) => one.reach === horizon && horizon > -Infinity).map((one) => one.file);
  return { placed, behind };
}

/** A file as people call its process: binance, where it is binance.log. */
export function processOf(file: string): string {
  return file.replace(/\.log$/, "");
}
