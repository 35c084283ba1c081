/** The choices a person makes about looks. */
import { stored } from "@/lib/stored";

export const theme = stored("theme", ["system", "dark", "light"]);
export const zone = stored("zone", ["local", "utc"]);
export const toasts = stored("toasts", ["all", "late-off", "off"]);

/** Let the document wear the theme now and whenever it changes. */
export function wearTheme(root: HTMLElement): () => void {
  const wear = (): void => {
    if (theme.get() === "system") delete root.dataset.theme;
    else root.dataset.theme = theme.get();
  };
  wear();
  return theme.subscribe(wear);
}
