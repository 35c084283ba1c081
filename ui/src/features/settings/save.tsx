/** The last look before saving: what changes in words and as text, and only then is it done. */
import { lazy, Suspense } from "react";

import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { ErrorFace, Skeleton } from "@/components/ui/faces";
import { ChangeList } from "@/features/settings/changes";
import { written, type Json } from "@/features/settings/document";
import type { Draft } from "@/features/settings/use-draft";

const Diff = lazy(() => import("@/features/settings/diff").then((found) => ({ default: found.Diff })));

interface SaveDialogProps {
  draft: Draft;
  saved: Json;
  isOpen: boolean;
  isSaving: boolean;
  error: unknown;
  onClose: () => void;
  onSave: () => void;
}

export function SaveDialog({ draft, saved, isOpen, isSaving, error, onClose, onSave }: SaveDialogProps) {
  return (
    <Dialog title={`Save as version ${draft.version + 1}`} isOpen={isOpen} onClose={onClose}>
      <div className="space-y-4">
        <ChangeList changes={draft.changes} />
        <Suspense fallback={<Skeleton className="h-40" />}>
          <Diff before={written(saved)} after={draft.text} />
        </Suspense>
        {error !== null && <ErrorFace error={error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Go on editing</Button>
          <Button weight="primary" disabled={isSaving} onClick={onSave}>
            {isSaving ? "Saving" : "Save"}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
