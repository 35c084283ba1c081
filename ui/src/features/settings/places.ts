/** Where a place of the document stands in the text of the editor, and which place the cursor is at. */
import { syntaxTree } from "@codemirror/language";
import type { EditorState } from "@codemirror/state";
import type { SyntaxNode } from "@lezer/common";

import type { Path } from "@/features/settings/document";

const VALUES = new Set(["Object", "Array", "String", "Number", "True", "False", "Null"]);

function nameOf(state: EditorState, property: SyntaxNode): string | null {
  const found = property.getChild("PropertyName");
  if (found === null) return null;
  try {
    return String(JSON.parse(state.sliceDoc(found.from, found.to)));
  } catch {
    return null; // half written
  }
}

function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) found.push(child);
  return found;
}

function valueOf(node: SyntaxNode): SyntaxNode | null {
  return childrenOf(node).find((child) => VALUES.has(child.name)) ?? null;
}

/** The way from the top of the document to a node. */
export function pathTo(state: EditorState, node: SyntaxNode): Path {
  const path: string[] = [];
  for (let here: SyntaxNode | null = node; here !== null; here = here.parent) {
    const parent: SyntaxNode | null = here.parent;
    if (here.name === "Property") {
      const name = nameOf(state, here);
      if (name !== null) path.unshift(name);
    } else if (parent?.name === "Array" && VALUES.has(here.name)) {
      const from = here.from;
      path.unshift(String(childrenOf(parent).filter((one) => VALUES.has(one.name) && one.from < from).length));
    }
  }
  return path;
}

/** Where a place stands; of one that is missing, the nearest thing around it. */
export function rangeAt(state: EditorState, path: Path): { readonly from: number; readonly to: number } {
  let here = valueOf(syntaxTree(state).topNode);
  let range = { from: 0, to: Math.min(1, state.doc.length) };
  for (const name of path) {
    if (here === null) return range;
    const steps: readonly SyntaxNode[] = childrenOf(here);
    if (here.name === "Object") {
      const property = steps.find((one) => one.name === "Property" && nameOf(state, one) === name);
      if (property === undefined) return { from: here.from, to: here.from + 1 };
      range = { from: property.from, to: property.to };
      here = valueOf(property);
    } else {
      here = steps.filter((one) => VALUES.has(one.name))[Number(name)] ?? null;
      if (here !== null) range = { from: here.from, to: here.to };
    }
  }
  return range;
}

/** The names that an object already has. */
export function namesIn(state: EditorState, object: SyntaxNode): readonly string[] {
  return object.getChildren("Property").flatMap((property) => nameOf(state, property) ?? []);
}
