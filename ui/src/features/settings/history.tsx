/** The versions there were, and the way back to one: it becomes a new version, and nothing is lost. */
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";

import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { EmptyFace, ErrorFace, LoadingRows } from "@/components/ui/faces";
import { FullTime } from "@/components/ui/time";
import { Problem } from "@/lib/problem";
import { restoreSettings, settingsHistoryQuery, settingsQuery, type Settings } from "@/lib/resources/settings";

interface HistoryProps {
  isOpen: boolean;
  version: number;
  hasDraft: boolean;
  onClose: () => void;
  onRestored: (settings: Settings) => void;
}

export function History({ isOpen, version, hasDraft, onClose, onRestored }: HistoryProps) {
  const client = useQueryClient();
  const history = useInfiniteQuery({ ...settingsHistoryQuery, enabled: isOpen, staleTime: 0 });
  const [asked, setAsked] = useState<number | null>(null);
  const restore = useMutation({
    mutationFn: (old: number) => restoreSettings(old, version),
    onSuccess: (settings) => {
      client.setQueryData(settingsQuery.queryKey, settings);
      void client.invalidateQueries({ queryKey: settingsHistoryQuery.queryKey });
      onRestored(settings);
      toast(`The settings are as they were, as version ${settings.version}`);
    },
    onError: (error) => toast.error(`Not restored: ${Problem.of(error).detail || Problem.of(error).title}`),
    onSettled: () => setAsked(null),
  });
  const items = history.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Dialog title="Versions" isOpen={isOpen} onClose={onClose} place="drawer">
      {history.isPending && <LoadingRows rows={6} />}
      {history.isError && <ErrorFace error={history.error} onRetry={() => void history.refetch()} />}
      {history.data !== undefined && items.length === 0 && (
        <EmptyFace title="Nothing was saved yet">
          The defaults hold. Every version that is saved stands here and can be had back.
        </EmptyFace>
      )}
      {hasDraft && <p className="mb-2 text-xs text-warn">Going back lets go of what you have changed and not saved.</p>}
      <ul className="divide-y divide-line/70">
        {items.map((one) => (
          <li key={one.version} className="flex items-center gap-3 py-2 text-xs">
            <div className="min-w-0 flex-1">
              <p className="text-sm font-medium">
                Version {one.version} <span className="text-xs font-normal text-faint">{REASONS[one.reason]}</span>
              </p>
              <p className="text-muted [overflow-wrap:anywhere]">
                {one.changedBy} · <FullTime at={one.changedAt} />
              </p>
            </div>
            {one.version === version ? (
              <span className="text-faint">present</span>
            ) : asked === one.version ? (
              <Button
                size="small"
                weight="danger"
                disabled={restore.isPending}
                onClick={() => restore.mutate(one.version)}
              >
                {restore.isPending ? "Restoring" : "Yes, have it again"}
              </Button>
            ) : (
              <Button size="small" onClick={() => setAsked(one.version)}>
                Restore
              </Button>
            )}
          </li>
        ))}
      </ul>
      {history.hasNextPage && (
        <Button size="small" weight="quiet" onClick={() => void history.fetchNextPage()}>
          Older versions
        </Button>
      )}
    </Dialog>
  );
}

const REASONS = { update: "saved", patch: "changed in part", import: "imported", restore: "restored" } as const;
