/** What the address of the settings says: which of the two views a narrow screen shows. */

export interface SettingsSearch {
  readonly view?: "json";
}

export function settingsSearch(said: Record<string, unknown>): SettingsSearch {
  return said.view === "json" ? { view: "json" } : {};
}
