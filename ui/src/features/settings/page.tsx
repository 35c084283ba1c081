/** One's settings as a form and as JSON, kept in step; seen as a change before they are saved, and never saved unseen. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { History as HistoryIcon, Upload } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { toast } from "sonner";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { ErrorFace, LoadingRows } from "@/components/ui/faces";
import { Segments } from "@/components/ui/tabs";
import { Age } from "@/components/ui/time";
import { ChannelTests } from "@/features/settings/channel-test";
import { ConflictBanner } from "@/features/settings/conflict";
import type { Json } from "@/features/settings/document";
import { SettingsForm } from "@/features/settings/form";
import { History } from "@/features/settings/history";
import { ThresholdPreview } from "@/features/settings/preview";
import { SaveDialog } from "@/features/settings/save";
import { faultsIn, type Schema } from "@/features/settings/schema";
import { ExportButton, ImportDialog } from "@/features/settings/transfer";
import { useDraft } from "@/features/settings/use-draft";
import { classes } from "@/lib/classes";
import { count } from "@/lib/format";
import { Problem } from "@/lib/problem";
import { exchangesQuery } from "@/lib/resources/market";
import {
  Refused,
  replaceSettings,
  settingsHistoryQuery,
  settingsQuery,
  settingsSchemaQuery,
  type Settings,
} from "@/lib/resources/settings";

const Editor = lazy(() => import("@/features/settings/editor").then((found) => ({ default: found.Editor })));
type View = "form" | "json";
const TIME_ZONES = Intl.supportedValuesOf("timeZone");

export function SettingsPage({ view, onView }: { view: View; onView: (view: View) => void }) {
  const settings = useQuery(settingsQuery);
  const schema = useQuery(settingsSchemaQuery);
  const error = settings.error ?? schema.error;
  const failure = settings.failureReason ?? schema.failureReason;
  if (settings.data !== undefined && schema.data !== undefined)
    return <Loaded saved={settings.data} schema={schema.data} view={view} onView={onView} />;
  return (
    <div className="mx-auto w-full max-w-7xl space-y-4 p-4 md:p-6">
      <h1 className="text-xl font-semibold tracking-tight">Settings</h1>
      <Card>
        {error === null ? (
          <>
            {failure !== null && (
              <p role="status" className="px-4 pt-3 text-xs text-warn">
                {Problem.of(failure).title}; trying again.
              </p>
            )}
            <LoadingRows rows={12} />
          </>
        ) : (
          <ErrorFace
            error={error}
            onRetry={() => {
              void settings.refetch();
              void schema.refetch();
            }}
          />
        )}
      </Card>
    </div>
  );
}

interface LoadedProps {
  saved: Settings;
  schema: Schema;
  view: View;
  onView: (view: View) => void;
}

function Loaded({ saved, schema, view, onView }: LoadedProps) {
  const client = useQueryClient();
  const draft = useDraft(saved);
  const [opened, setOpened] = useState<"save" | "history" | "import" | null>(null);
  const isDirty = draft.changes.length > 0 || draft.fault !== null;
  const { follow } = draft;
  useEffect(() => follow(saved), [follow, saved, isDirty]);
  useBlocker({
    shouldBlockFn: ({ current, next }) =>
      isDirty && current.pathname !== next.pathname && !confirm("Leave without saving what you have changed?"),
    enableBeforeUnload: isDirty,
  });
  const exchanges = useQuery(exchangesQuery);
  const usual = {
    timezone: TIME_ZONES,
    primaryExchange: (exchanges.data ?? []).filter((one) => one.hasAdapter).map((one) => one.name),
  };
  const save = useMutation({
    mutationFn: () => replaceSettings(draft.document, draft.version),
    onSuccess: (settings) => {
      client.setQueryData(settingsQuery.queryKey, settings);
      void client.invalidateQueries({ queryKey: settingsHistoryQuery.queryKey });
      draft.adopt(settings);
      setOpened(null);
      toast(`Saved as version ${settings.version}`);
    },
    onError: (error) => {
      if (Problem.of(error).status !== 409) return;
      setOpened(null);
      void client.refetchQueries({ queryKey: settingsQuery.queryKey });
    },
  });
  const refused = save.error instanceof Refused ? save.error.places : [];
  const faults = [...faultsIn(schema, draft.document), ...refused];
  const set: typeof draft.set = (path, value) => {
    save.reset();
    draft.set(path, value);
  };
  const write = (text: string): void => {
    if (save.isError && text !== draft.text) save.reset();
    draft.write(text);
  };
  return (
    <div className="mx-auto flex w-full max-w-400 flex-col gap-4 p-4 md:p-6">
      <header className="flex flex-wrap items-center gap-2">
        <h1 className="text-xl font-semibold tracking-tight">Settings</h1>
        <span className="text-xs text-faint">
          {saved.version === 0 ? (
            "the defaults, never saved"
          ) : (
            <>
              version {saved.version}, saved <Age at={saved.changedAt} />
            </>
          )}
        </span>
        <State changes={draft.changes.length} faults={faults.length} fault={draft.fault} version={saved.version} />
        <span className="flex-1" />
        <ExportButton />
        <Button size="small" onClick={() => setOpened("import")}>
          <Upload aria-hidden="true" /> Import
        </Button>
        <Button size="small" onClick={() => setOpened("history")}>
          <HistoryIcon aria-hidden="true" /> Versions
        </Button>
        <Button
          size="small"
          disabled={!isDirty}
          onClick={() => {
            save.reset();
            draft.adopt(saved);
          }}
        >
          Discard
        </Button>
        <Button
          size="small"
          weight="primary"
          disabled={
            !isDirty ||
            draft.fault !== null ||
            faults.length > refused.length ||
            saved.version > draft.version ||
            draft.conflicts.length > 0
          }
          onClick={() => {
            save.reset();
            setOpened("save");
          }}
        >
          Look and save
        </Button>
      </header>
      <ConflictBanner draft={draft} saved={saved} />
      <div className="flex justify-center lg:hidden">
        <Segments
          label="View"
          value={view}
          options={[
            { value: "form", label: "Form" },
            { value: "json", label: "JSON" },
          ]}
          onChange={onView}
        />
      </div>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <div className={classes("min-w-0", view === "json" && "hidden lg:block")}>
          <fieldset
            disabled={draft.fault !== null}
            className={classes("min-w-0", draft.fault !== null && "opacity-60")}
          >
            <legend className="sr-only">Settings</legend>
            <SettingsForm
              context={{ root: schema, faults, set, usual }}
              document={draft.document}
              below={{
                alerts: <ThresholdPreview saved={saved.settings.alerts as Json} draft={draft.document.alerts} />,
                notifications: (
                  <ChannelTests saved={saved.settings.notifications as Json} draft={draft.document.notifications} />
                ),
              }}
            />
          </fieldset>
        </div>
        <div
          className={classes(
            "sticky top-16 h-[calc(100dvh-8rem)] overflow-hidden rounded-card border border-line",
            view === "form" && "hidden lg:block",
          )}
        >
          <Suspense fallback={<LoadingRows rows={12} />}>
            <Editor text={draft.text} schema={schema} refused={refused} onText={write} />
          </Suspense>
        </div>
      </div>
      <SaveDialog
        draft={draft}
        saved={saved.settings as Json}
        isOpen={opened === "save"}
        isSaving={save.isPending}
        error={save.error}
        onClose={() => setOpened(null)}
        onSave={() => save.mutate()}
      />
      <History
        isOpen={opened === "history"}
        version={saved.version}
        hasDraft={isDirty}
        onClose={() => setOpened(null)}
        onRestored={draft.adopt}
      />
      <ImportDialog
        isOpen={opened === "import"}
        onClose={() => setOpened(null)}
        onDone={() => {
          const now = client.getQueryData(settingsQuery.queryKey);
          if (now !== undefined) draft.follow(now);
        }}
      />
    </div>
  );
}

interface StateProps {
  changes: number;
  faults: number;
  fault: string | null;
  version: number;
}

function State({ changes, faults, fault, version }: StateProps) {
  if (fault !== null) return <Badge tone="bad">✕ the JSON cannot be read: the form waits</Badge>;
  if (faults > 0) return <Badge tone="bad">✕ {count(faults)} to put right</Badge>;
  if (changes > 0) return <Badge tone="warn">● {count(changes)} changed, not saved</Badge>;
  return version === 0 ? null : <Badge tone="good">✓ saved</Badge>;
}
