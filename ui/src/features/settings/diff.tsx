/** Two texts of the settings side by side, with what is the same folded away; loaded when it is first shown. */
import { json } from "@codemirror/lang-json";
import { MergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";

import { look } from "@/features/settings/editor-look";

export function Diff({ before, after }: { before: string; after: string }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (place.current === null) return;
    const side = (doc: string, label: string) => ({
      doc,
      extensions: [
        lineNumbers(),
        json(),
        look,
        EditorState.readOnly.of(true),
        EditorView.editable.of(false),
        EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
      ],
    });
    const made = new MergeView({
      parent: place.current,
      a: side(before, "As it is saved"),
      b: side(after, "As it will be"),
      collapseUnchanged: { margin: 2, minSize: 5 },
      gutter: true,
    });
    return () => made.destroy();
  }, [before, after]);
  return <div ref={place} className="max-h-[50dvh] overflow-auto rounded-md border border-line" />;
}
