/** The settings as JSON, with what may be written offered and what is wrong marked; loaded when it is first shown. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json, jsonParseLinter } from "@codemirror/lang-json";
import { bracketMatching, foldGutter, indentOnInput } from "@codemirror/language";
import { forceLinting, linter, lintGutter, lintKeymap, type Diagnostic } from "@codemirror/lint";
import { Annotation } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useLayoutEffect, useRef } from "react";

import { completions } from "@/features/settings/completion";
import { parsed, pathOf } from "@/features/settings/document";
import { look } from "@/features/settings/editor-look";
import { rangeAt } from "@/features/settings/places";
import { faultsIn, type Fault, type Schema } from "@/features/settings/schema";

/** Marks what the editor was told from outside; to tell it back would undo what was typed in the form since. */
const told = Annotation.define<boolean>();

interface EditorProps {
  text: string;
  schema: Schema;
  /** What the server would not take, when it was asked last. */
  refused: readonly Fault[];
  onText: (text: string) => void;
}

/** The smallest replacement that makes one text of another, so that the cursor and the history keep their place. */
export function replacement(old: string, now: string): { from: number; to: number; insert: string } {
  let from = 0;
  while (from < old.length && from < now.length && old[from] === now[from]) from += 1;
  let [to, end] = [old.length, now.length];
  while (to > from && end > from && old[to - 1] === now[end - 1]) [to, end] = [to - 1, end - 1];
  return { from, to, insert: now.slice(from, end) };
}

export function Editor({ text, schema, refused, onText }: EditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef({ text, onText, refused });
  useEffect(() => {
    latest.current = { text, onText, refused };
    if (view.current !== null) forceLinting(view.current);
  });
  useLayoutEffect(() => {
    if (place.current === null) return;
    const check = linter(
      (shown): readonly Diagnostic[] => {
        const { document } = parsed(shown.state.doc.toString());
        if (document === null) return jsonParseLinter()(shown);
        return [...faultsIn(schema, document), ...latest.current.refused].map(({ path, message }) => ({
          ...rangeAt(shown.state, pathOf(path)),
          severity: "error",
          message,
        }));
      },
      { delay: 250 },
    );
    const made = new EditorView({
      parent: place.current,
      doc: latest.current.text,
      extensions: [
        lineNumbers(),
        foldGutter(),
        lintGutter(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        highlightActiveLine(),
        autocompletion({ override: [completions(schema)] }),
        json(),
        check,
        look,
        EditorView.contentAttributes.of({ "aria-label": "Settings as JSON", tabindex: "0" }),
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !update.transactions.some((one) => one.annotation(told) === true))
            latest.current.onText(update.state.doc.toString());
        }),
      ],
    });
    view.current = made;
    return () => {
      view.current = null;
      made.destroy();
    };
  }, [schema]);
  // Before anything else can be typed: later, what was typed in between would be taken for old and replaced.
  useLayoutEffect(() => {
    const shown = view.current;
    const old = shown?.state.doc.toString();
    if (shown === null || old === undefined || old === text) return;
    shown.dispatch({ changes: replacement(old, text), annotations: told.of(true) });
  }, [text, schema]);
  return <div ref={place} className="h-full min-h-0 overflow-hidden" />;
}
