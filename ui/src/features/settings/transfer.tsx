/** Settings as a file: taken away, and taken in after a look at what that would change. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { toast } from "sonner";

import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { ErrorFace } from "@/components/ui/faces";
import { ChangeList } from "@/features/settings/changes";
import { parsed, type Json } from "@/features/settings/document";
import { Problem } from "@/lib/problem";
import { exportSettings, importSettings, settingsHistoryQuery, settingsQuery } from "@/lib/resources/settings";

/** A file larger than this holds no settings. */
const LARGEST_BYTES = 1_000_000;

export function ExportButton() {
  const taken = useMutation({
    mutationFn: exportSettings,
    onSuccess: (exported) => {
      const url = URL.createObjectURL(
        new Blob([`${JSON.stringify(exported, null, 2)}\n`], { type: "application/json" }),
      );
      const link = document.createElement("a");
      link.href = url;
      link.download = "livermore-settings.json";
      link.click();
      URL.revokeObjectURL(url);
    },
    onError: (error) => toast.error(`Not exported: ${Problem.of(error).title}`),
  });
  return (
    <Button size="small" disabled={taken.isPending} onClick={() => taken.mutate()}>
      <Download aria-hidden="true" /> Export
    </Button>
  );
}

async function read(file: File): Promise<Parameters<typeof importSettings>[0]> {
  if (file.size > LARGEST_BYTES) throw new Problem(413, "This file is too large", "An export has a few kilobytes.");
  const { document, fault } = parsed(await file.text());
  if (document === null) throw new Problem(422, "This file holds no settings", fault);
  return document;
}

export function ImportDialog({
  isOpen,
  onClose,
  onDone,
}: {
  isOpen: boolean;
  onClose: () => void;
  onDone: () => void;
}) {
  const client = useQueryClient();
  const look = useMutation({
    mutationFn: async (file: File) => {
      const document = await read(file);
      return { document, name: file.name, found: await importSettings(document, null) };
    },
  });
  const take = useMutation({
    mutationFn: (seen: NonNullable<typeof look.data>) => importSettings(seen.document, seen.found.version),
    onSuccess: async (done) => {
      await client.refetchQueries({ queryKey: settingsQuery.queryKey });
      void client.invalidateQueries({ queryKey: settingsHistoryQuery.queryKey });
      toast(`Imported as version ${done.version}`);
      close();
      onDone();
    },
  });
  const close = (): void => {
    look.reset();
    take.reset();
    onClose();
  };
  const error = take.error ?? look.error;
  const changes = (look.data?.found.changes ?? []) as readonly { path: string; before: Json; after: Json }[];
  return (
    <Dialog title="Import settings" isOpen={isOpen} onClose={close}>
      <div className="space-y-4 text-sm">
        <p className="text-muted">
          An export of this or an older version. Nothing is changed before you have seen what.
        </p>
        <input
          type="file"
          aria-label="File"
          accept="application/json,.json"
          className="block w-full text-xs file:mr-3 file:h-8 file:rounded-md file:border file:border-line-strong file:bg-raised file:px-3 file:text-text"
          onChange={(event) => {
            const file = event.target.files?.[0];
            take.reset();
            if (file !== undefined) look.mutate(file);
          }}
        />
        {error !== null && <ErrorFace error={error} />}
        {look.data !== undefined && (
          <section aria-label="What would change" className="max-h-[45dvh] overflow-y-auto">
            <h3 className="font-medium [overflow-wrap:anywhere]">
              {changes.length === 0 ? "It would change nothing" : `${look.data.name} would change ${changes.length}`}
            </h3>
            <ChangeList changes={changes} />
          </section>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button
            weight="primary"
            disabled={look.data === undefined || changes.length === 0 || take.isPending}
            onClick={() => look.data !== undefined && take.mutate(look.data)}
          >
            {take.isPending ? "Importing" : "Import"}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
