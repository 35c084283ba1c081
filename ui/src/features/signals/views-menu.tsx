/** The saved views: to go to one, to keep the present one, to let one go. */
import { Bookmark, Check, X } from "lucide-react";
import { useState } from "react";

import type { SignalsSearch } from "@/features/signals/search";
import { LONGEST_NAME, MOST_VIEWS, savedViews, shownView, withView } from "@/features/signals/views";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Popover } from "@/components/ui/popover";
import { classes } from "@/lib/classes";
import { useStored } from "@/lib/stored";

interface ViewsProps {
  search: SignalsSearch;
  onView: (search: SignalsSearch) => void;
}

export function Views({ search, onView }: ViewsProps) {
  const views = useStored(savedViews);
  const shown = shownView(views, search);
  return (
    <Popover
      label="Saved views"
      look={{ weight: "plain", className: "max-w-40" }}
      className="w-64 max-w-[calc(100vw-1rem)] p-2"
      button={
        <>
          <Bookmark aria-hidden="true" className={classes(shown !== null && "fill-current")} />
          <span className="truncate">{shown?.name ?? "Views"}</span>
        </>
      }
    >
      {(close) => (
        <>
          {views.length === 0 && (
            <p className="px-2 py-2 text-xs text-muted">
              Filter and sort the matrix as you like it, then keep that under a name. It is kept in this browser; the
              address says the same and can be sent to others.
            </p>
          )}
          <ul>
            {views.map((view) => (
              <li key={view.name} className="flex items-center rounded-md hover:bg-hover">
                <button
                  type="button"
                  aria-current={view === shown}
                  onClick={() => {
                    onView(view.search);
                    close();
                  }}
                  className="flex h-8 min-w-0 flex-1 items-center gap-2 px-2 text-left text-sm"
                >
                  <span className="truncate">{view.name}</span>
                  {view === shown && <Check aria-hidden="true" className="size-3.5 shrink-0 text-accent" />}
                </button>
                <Button
                  weight="quiet"
                  size="icon"
                  className="size-7"
                  aria-label={`Let go of the view ${view.name}`}
                  onClick={() => savedViews.set(views.filter((one) => one !== view))}
                >
                  <X aria-hidden="true" />
                </Button>
              </li>
            ))}
          </ul>
          <Keep onKeep={(name) => savedViews.set(withView(views, name, search))} isFull={views.length >= MOST_VIEWS} />
        </>
      )}
    </Popover>
  );
}

function Keep({ onKeep, isFull }: { onKeep: (name: string) => void; isFull: boolean }) {
  const [name, setName] = useState("");
  if (isFull) return <p className="px-2 py-1 text-xs text-muted">No more than {MOST_VIEWS} are kept.</p>;
  return (
    <form
      className="mt-1 flex gap-1.5 border-t border-line p-1 pt-2"
      onSubmit={(event) => {
        event.preventDefault();
        onKeep(name);
        setName("");
      }}
    >
      <Input
        aria-label="Name of the present view"
        placeholder="Keep this view as…"
        value={name}
        maxLength={LONGEST_NAME}
        onChange={(event) => setName(event.target.value)}
      />
      <Button type="submit" disabled={name.trim() === ""}>
        Keep
      </Button>
    </form>
  );
}
