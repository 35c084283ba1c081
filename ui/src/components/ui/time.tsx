/** Instants and ages in the zone that the person chose; the other zone is in the hint. */
import { ago, duration } from "@/lib/format";
import { zone } from "@/lib/preferences";
import { useStored } from "@/lib/stored";
import { dateTime, listTime, useNow } from "@/lib/time";

function hint(at: number): string {
  return `${dateTime(at, "local")} local\n${dateTime(at, "utc")} UTC`;
}

/** The instant as lists show it. */
export function ListTime({ at }: { at: number }) {
  const chosen = useStored(zone);
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={hint(at)} className="num whitespace-nowrap">
      {listTime(at, now, chosen)}
    </time>
  );
}

/** The instant with its day. */
export function FullTime({ at }: { at: number }) {
  const chosen = useStored(zone);
  return (
    <time dateTime={new Date(at).toISOString()} title={hint(at)} className="num whitespace-nowrap">
      {dateTime(at, chosen)}
    </time>
  );
}

/** How long ago, ticking: now, 12 s ago. */
export function Age({ at }: { at: number }) {
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={hint(at)} className="num whitespace-nowrap">
      {ago(now - at)}
    </time>
  );
}

/** How long since, in two units, ticking. */
export function Since({ at }: { at: number }) {
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={hint(at)} className="num whitespace-nowrap">
      {duration(now - at)}
    </time>
  );
}
