/** Where the cursor stands when a panel opens: a dialog would choose its closing button. */

/** To be the `ref` of the field that comes first; React's own autoFocus is too early for a dialog. */
export function first(field: HTMLElement | null): void {
  field?.setAttribute("autofocus", "");
}
