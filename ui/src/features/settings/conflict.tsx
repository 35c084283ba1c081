/** Somebody saved meanwhile: said at once, brought together where that can be, and chosen where both changed the same. */
import { GitMerge } from "lucide-react";

import { Button } from "@/components/ui/button";
import { valueText } from "@/features/settings/changes";
import type { Draft } from "@/features/settings/use-draft";
import { placeInWords } from "@/features/settings/words";
import type { Settings } from "@/lib/resources/settings";

export function ConflictBanner({ draft, saved }: { draft: Draft; saved: Settings }) {
  const isBehind = saved.version > draft.version;
  if (!isBehind && draft.conflicts.length === 0) return null;
  return (
    <section role="alert" className="space-y-2 rounded-card border border-warn/60 bg-warn/8 px-4 py-3 text-sm">
      {isBehind && (
        <div className="flex flex-wrap items-center gap-3">
          <GitMerge aria-hidden="true" className="size-4 text-warn" />
          <p className="flex-1">
            Version {saved.version} was saved elsewhere while you were changing version {draft.version}. Yours is not
            saved.
          </p>
          <Button size="small" disabled={draft.fault !== null} onClick={() => draft.rebase(saved)}>
            Bring mine upon it
          </Button>
          <Button size="small" weight="danger" onClick={() => draft.adopt(saved)}>
            Let mine go
          </Button>
        </div>
      )}
      {draft.conflicts.length > 0 && (
        <>
          <p>Both of you changed the same; theirs stands until you choose:</p>
          <ul className="space-y-1.5">
            {draft.conflicts.map((conflict) => (
              <li key={conflict.path} className="flex flex-wrap items-center gap-2 text-xs">
                <span className="font-medium">{placeInWords(conflict.path)}</span>
                <Button size="small" onClick={() => draft.settle(conflict, true)}>
                  mine: {valueText(conflict.mine).slice(0, 60)}
                </Button>
                <Button size="small" onClick={() => draft.settle(conflict, false)}>
                  theirs: {valueText(conflict.theirs).slice(0, 60)}
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
