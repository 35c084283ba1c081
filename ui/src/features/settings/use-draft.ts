/** The draft of the settings: one text that form and editor share, and the version that it began from. */
import { useMemo, useState } from "react";

import {
  changesBetween,
  parsed,
  rebased,
  withValue,
  written,
  type Change,
  type Conflict,
  type Json,
  type JsonObject,
  type Path,
} from "@/features/settings/document";
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
  /** Put my changes upon what others have saved meanwhile. */
  readonly rebase: (theirs: Settings) => void;
  readonly settle: (conflict: Conflict, isMine: boolean) => void;
}

interface State {
  readonly version: number;
  readonly base: JsonObject;
  readonly text: string;
  readonly good: JsonObject;
  readonly conflicts: readonly Conflict[];
}

function begun(settings: Settings): State {
  const base = settings.settings as JsonObject;
  return { version: settings.version, base, text: written(base), good: base, conflicts: [] };
}

export function useDraft(saved: Settings): Draft {
  const [state, setState] = useState<State>(() => begun(saved));
  const { document, fault } = useMemo(() => parsed(state.text), [state.text]);
  const changes = useMemo(() => changesBetween(state.base, document ?? state.good), [state.base, state.good, document]);
  const show = (now: Json, more: Partial<State> = {}): void =>
    setState((old) => ({ ...old, text: written(now), good: now as JsonObject, ...more }));
  return {
    text: state.text,
    document: document ?? state.good,
    fault,
    changes,
    version: state.version,
    conflicts: state.conflicts,
    write: (text) => setState((old) => ({ ...old, text, good: parsed(text).document ?? old.good })),
    set: (path, value) => show(withValue(document ?? state.good, path, value)),
    adopt: (settings) => setState(begun(settings)),
    rebase: (theirs) => {
      const base = theirs.settings as JsonObject;
      const found = rebased(state.base, document ?? state.good, base);
      show(found.document, { version: theirs.version, base, conflicts: found.conflicts });
    },
    settle: (conflict, isMine) => {
      const path = conflict.path
        .slice(1)
        .split("/")
        .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
      const rest = state.conflicts.filter((one) => one !== conflict);
      show(isMine ? withValue(document ?? state.good, path, conflict.mine) : (document ?? state.good), {
        conflicts: rest,
      });
    },
  };
}
