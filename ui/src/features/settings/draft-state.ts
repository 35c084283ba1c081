/** What a draft of the settings is at each moment, and what each deed makes of it: never of what was shown before. */
import { changesBetween, parsed, pathOf, rebased, withValue, written } from "@/features/settings/document";
import type { Conflict, Json, JsonObject, Path } from "@/features/settings/document";
import type { Settings } from "@/lib/resources/settings";

export interface DraftState {
  readonly version: number;
  readonly base: JsonObject;
  readonly text: string;
  /** What the text spells, or what it spelled last while it spells nothing. */
  readonly good: JsonObject;
  readonly conflicts: readonly Conflict[];
}

export function begun(settings: Settings): DraftState {
  const base = settings.settings as JsonObject;
  return { version: settings.version, base, text: written(base), good: base, conflicts: [] };
}

export function hasChanged(state: DraftState): boolean {
  return parsed(state.text).fault !== null || changesBetween(state.base, state.good).length > 0;
}

function spelling(state: DraftState, now: Json): DraftState {
  return { ...state, text: written(now), good: now as JsonObject };
}

export function withText(state: DraftState, text: string): DraftState {
  return { ...state, text, good: parsed(text).document ?? state.good };
}

export function withPlace(state: DraftState, path: Path, value: Json | undefined): DraftState {
  return spelling(state, withValue(state.good, path, value));
}

/** What others have saved since, unless something has been changed here meanwhile. */
export function outrunBy(state: DraftState, saved: Settings): DraftState {
  return saved.version > state.version && !hasChanged(state) ? begun(saved) : state;
}

/** My changes upon what others have saved. */
export function rebasedUpon(state: DraftState, theirs: Settings): DraftState {
  const base = theirs.settings as JsonObject;
  const { document, conflicts } = rebased(state.base, state.good, base);
  return { ...spelling(state, document), version: theirs.version, base, conflicts };
}

export function settled(state: DraftState, conflict: Conflict, isMine: boolean): DraftState {
  const rest = { ...state, conflicts: state.conflicts.filter((one) => one !== conflict) };
  return spelling(rest, isMine ? withValue(state.good, pathOf(conflict.path), conflict.mine) : state.good);
}
