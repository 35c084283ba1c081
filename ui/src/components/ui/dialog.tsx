/** Windows above the page, on the platform's own dialog: focus stays inside, Escape closes, the rest is inert. */
import { X } from "lucide-react";
import { useEffect, useId, useRef, useState, type ReactNode } from "react";

import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { classes } from "@/lib/classes";

interface DialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
  /** A drawer comes from the right and takes the height of the page. */
  place?: "middle" | "drawer";
}

export function Dialog({ title, isOpen, onClose, children, place = "middle" }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    if (isOpen && dialog.current?.open === false) dialog.current.showModal();
    if (!isOpen && dialog.current?.open === true) dialog.current.close();
  }, [isOpen]);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
      className={classes(
        "bg-surface text-text shadow-raised",
        place === "middle" && "m-auto w-full max-w-lg rounded-xl border border-line",
        place === "drawer" && "my-0 mr-0 ml-auto h-dvh max-h-none w-full max-w-md border-l border-line",
      )}
    >
      {isOpen && (
        <>
          <header className="flex items-center gap-3 border-b border-line px-5 py-3">
            <h2 id={heading} className="text-base font-semibold">
              {title}
            </h2>
            <Button weight="quiet" size="icon" aria-label="Close" onClick={onClose} className="ml-auto">
              <X aria-hidden="true" />
            </Button>
          </header>
          <div className="px-5 py-4">{children}</div>
        </>
      )}
    </dialog>
  );
}

interface TypedConfirmationProps {
  title: string;
  /** What will happen, in plain words. */
  children: ReactNode;
  /** What must be typed before the deed can be done. */
  word: string;
  deed: string;
  isOpen: boolean;
  onClose: () => void;
  onConfirm: () => void;
}

/** A deed that cannot be undone: it is done only after its name has been typed. */
export function TypedConfirmation({ title, children, word, deed, isOpen, onClose, onConfirm }: TypedConfirmationProps) {
  const [typed, setTyped] = useState("");
  const close = (): void => {
    setTyped("");
    onClose();
  };
  return (
    <Dialog title={title} isOpen={isOpen} onClose={close}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed !== word) return;
          close();
          onConfirm();
        }}
      >
        <div className="text-sm text-muted">{children}</div>
        <label className="block space-y-1.5 text-sm">
          <span>
            Type <strong className="num font-semibold">{word}</strong> to go on
          </span>
          <Input
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            autoComplete="off"
            spellCheck={false}
          />
        </label>
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" weight="danger" disabled={typed !== word}>
            {deed}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
