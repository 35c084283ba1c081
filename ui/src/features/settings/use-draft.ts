/** The draft of the settings: one text that form and editor share, and the version that it began from. */
import { useMemo, useState } from "react";

import { changesBetween, parsed } from "@/features/settings/document";
import type { Change, Conflict, Json, JsonObject, Path } from "@/features/settings/document";
import { begun, outrunBy, rebasedUpon, settled, withPlace, withText } from "@/features/settings/draft-state";
import type { Settings } from "@/lib/resources/settings";

export interface Draft {
  readonly text: string;
  /** What the text spells, or what it spelled last while it spells nothing. */
  readonly document: JsonObject;
  readonly fault: string | null;
  readonly changes: readonly Change[];
  readonly version: number;
  readonly conflicts: readonly Conflict[];
  readonly write: (text: string) => void;
  readonly set: (path: Path, value: Json | undefined) => void;
  /** Begin anew from what is saved. */
  readonly adopt: (settings: Settings) => void;
  /** Begin anew from what others have saved, unless something has been changed here. */
  readonly follow: (settings: Settings) => void;
  /** Put my changes upon what others have saved meanwhile. */
  readonly rebase: (theirs: Settings) => void;
  readonly settle: (conflict: Conflict, isMine: boolean) => void;
}

export function useDraft(saved: Settings): Draft {
  const [state, setState] = useState(() => begun(saved));
  const { fault } = useMemo(() => parsed(state.text), [state.text]);
  const changes = useMemo(() => changesBetween(state.base, state.good), [state.base, state.good]);
  // Each deed begins from what the draft is by then: what is shown may be older than what was typed last.
  const deeds = useMemo(
    () => ({
      write: (text: string) => setState((old) => withText(old, text)),
      set: (path: Path, value: Json | undefined) => setState((old) => withPlace(old, path, value)),
      adopt: (settings: Settings) => setState(begun(settings)),
      follow: (settings: Settings) => setState((old) => outrunBy(old, settings)),
      rebase: (theirs: Settings) => setState((old) => rebasedUpon(old, theirs)),
      settle: (conflict: Conflict, isMine: boolean) => setState((old) => settled(old, conflict, isMine)),
    }),
    [],
  );
  const { text, good, version, conflicts } = state;
  return { text, document: good, fault, changes, version, conflicts, ...deeds };
}
