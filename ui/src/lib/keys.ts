/** Keys that act on the whole page, but never while somebody is writing. */
import { useEffect, useRef } from "react";

export type Deeds = Readonly<Record<string, (event: KeyboardEvent) => void>>;

/** What is open above the page and has keys of its own. */
const ABOVE = "dialog[open], [popover]:popover-open";

/** The name of what was pressed: `j`, `Enter`, `mod+k` (Ctrl or ⌘). */
export function keyName(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey">): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return event.ctrlKey || event.metaKey ? `mod+${key}` : key;
}

function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

export function useKeys(deeds: Deeds): void {
  const latest = useRef(deeds);
  useEffect(() => {
    latest.current = deeds;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const name = keyName(event);
      const deed = latest.current[name];
      if (deed === undefined || event.altKey || event.defaultPrevented) return;
      if (!name.startsWith("mod+") && (isWriting(event.target) || document.querySelector(ABOVE) !== null)) return;
      event.preventDefault();
      deed(event);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}
