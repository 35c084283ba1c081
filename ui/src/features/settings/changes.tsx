/** Changes in words: what stood there, what will stand there. */
import type { Change } from "@/features/settings/document";
import { placeInWords } from "@/features/settings/words";

/** A value in one line; nothing where there is none. */
export function valueText(value: unknown): string {
  return value === undefined || value === null ? "nothing" : JSON.stringify(value);
}

export function ChangeList({ changes }: { changes: readonly Pick<Change, "path" | "before" | "after">[] }) {
  return (
    <ul className="divide-y divide-line/70 text-xs">
      {changes.map((change) => (
        <li key={change.path} className="py-1.5">
          <p className="font-medium [overflow-wrap:anywhere]">{placeInWords(change.path)}</p>
          <p className="font-mono text-2xs [overflow-wrap:anywhere] text-muted">
            <del className="text-bad">{valueText(change.before).slice(0, 300)}</del> →{" "}
            <ins className="text-good no-underline">{valueText(change.after).slice(0, 300)}</ins>
          </p>
        </li>
      ))}
    </ul>
  );
}
