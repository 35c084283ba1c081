/** The choices a person makes about looks and noise; they are this browser's. */
import { ALERT_KINDS, type AlertKind } from "@/lib/alert-kinds";
import { kept, stored } from "@/lib/stored";

export const theme = stored("theme", ["system", "dark", "light"]);
export const zone = stored("zone", ["local", "utc"]);

/** The kinds of alerts that raise no toast here; lists, channels and the ledger do not care. */
export const mutedToasts = kept<readonly AlertKind[]>(
  "toasts.muted",
  (text) => ALERT_KINDS.filter((kind) => (text ?? "").split(" ").includes(kind)),
  (kinds) => kinds.join(" "),
);

/** Let the document wear the theme now and whenever it changes. */
export function wearTheme(root: HTMLElement): () => void {
  const wear = (): void => {
    if (theme.get() === "system") delete root.dataset.theme;
    else root.dataset.theme = theme.get();
  };
  wear();
  return theme.subscribe(wear);
}
