/** Views of the matrix under names of one's own: what the address says, kept in this browser. */
import { signalsSearch, type SignalsSearch } from "@/features/signals/search";
import { kept } from "@/lib/stored";

export interface View {
  readonly name: string;
  readonly search: SignalsSearch;
}

export const MOST_VIEWS = 30;
export const LONGEST_NAME = 40;

/** The views in a text; what is none is passed over, however it came there. */
export function viewsIn(text: string | null): readonly View[] {
  let found: unknown;
  try {
    found = JSON.parse(text ?? "[]");
  } catch {
    return [];
  }
  if (!Array.isArray(found)) return [];
  return (found as unknown[]).slice(0, MOST_VIEWS).flatMap((one) => {
    const { name, search } = (one ?? {}) as { name?: unknown; search?: unknown };
    if (typeof name !== "string" || name === "" || typeof search !== "object" || search === null) return [];
    return [{ name: name.slice(0, LONGEST_NAME), search: signalsSearch(search as Record<string, unknown>) }];
  });
}

export const savedViews = kept("signals.views", viewsIn, (views) => JSON.stringify(views));

/** The views with one more; one of the same name is replaced where it stands. */
export function withView(views: readonly View[], name: string, search: SignalsSearch): readonly View[] {
  const view = { name: name.trim().slice(0, LONGEST_NAME), search: viewed(search) };
  if (view.name === "") return views;
  if (views.some((one) => one.name === view.name)) return views.map((one) => (one.name === view.name ? view : one));
  return views.length >= MOST_VIEWS ? views : [...views, view];
}

/** What of the address makes the view: not what stands beside it. */
export function viewed({ side: _, ...search }: SignalsSearch): SignalsSearch {
  return search;
}

/** The view that is shown, or null. */
export function shownView(views: readonly View[], search: SignalsSearch): View | null {
  const sign = (one: SignalsSearch): string => JSON.stringify(Object.entries(viewed(one)).sort());
  return views.find((view) => sign(view.search) === sign(search)) ?? null;
}
