/** What the editor offers: names that are not there yet, and the values that a name may have. */
import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { syntaxTree } from "@codemirror/language";
import type { SyntaxNode } from "@lezer/common";

import { namesIn, pathTo } from "@/features/settings/places";
import { namesAt, plain, schemaAt, valuesAt, type Schema } from "@/features/settings/schema";

const NAME_BEGUN = /[{,]\s*("?[\w-]*)$/;
const VALUE_BEGUN = /(?::|\[|,)\s*("?[\w.-]*)$/;
/** How far back it is looked for what has been begun. */
const BACK = 200;

function enclosing(node: SyntaxNode, name: string): SyntaxNode | null {
  for (let here: SyntaxNode | null = node; here !== null; here = here.parent) if (here.name === name) return here;
  return null;
}

/** What a new name is followed by: its default, or the beginning of what it has to be. */
function firstValue(schema: Schema): string {
  if (schema.default !== undefined) return JSON.stringify(schema.default);
  return { object: "{}", array: "[]", string: '""', boolean: "true" }[schema.type ?? ""] ?? "";
}

export function completions(root: Schema) {
  return (context: CompletionContext): CompletionResult | null => {
    const { state, pos } = context;
    const before = state.sliceDoc(Math.max(0, pos - BACK), pos);
    const node = syntaxTree(state).resolveInner(pos, -1);
    const object = enclosing(node, "Object");
    const isInArray = (enclosing(node, "Array")?.from ?? -1) > (object?.from ?? -1);
    const name = isInArray ? null : NAME_BEGUN.exec(before);
    const value = VALUE_BEGUN.exec(before);
    const begun = (name ?? value)?.[1] ?? null;
    if (begun === null || (begun === "" && !context.explicit && name === null)) return null;
    const closes = state.sliceDoc(pos, pos + 1) === '"' ? 1 : 0;
    const place = { from: pos - begun.length, to: pos + closes, filter: true };
    if (name !== null && object !== null) {
      const path = pathTo(state, object);
      const hasValue = /^"?\s*:/.test(state.sliceDoc(pos, pos + 20));
      const options = namesAt(root, path, namesIn(state, object)).map((one): Completion => {
        const inner = schemaAt(root, [...path, one.label]) ?? plain({}, root);
        const text = `"${one.label}"${hasValue ? "" : `: ${firstValue(inner)}`}`;
        return { label: `"${one.label}"`, detail: one.detail, ...(one.info !== "" && { info: one.info }), apply: text };
      });
      return { ...place, options };
    }
    const at = pathTo(state, node);
    const options = valuesAt(root, isInArray && node.name === "Array" ? [...at, "0"] : at).map((one): Completion => ({
      label: one.label,
      detail: one.detail,
      ...(one.info !== "" && { info: one.info }),
    }));
    return options.length === 0 ? null : { ...place, options };
  };
}
