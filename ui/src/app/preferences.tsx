/** How the screens look and what may interrupt: choices of this browser, and who is signed in. */
import { LogOut, Settings } from "lucide-react";

import { leave } from "@/app/leave";
import { Button } from "@/components/ui/button";
import { Popover } from "@/components/ui/popover";
import { Segments } from "@/components/ui/tabs";
import { ALERT_KINDS, KIND_WORDS } from "@/lib/alert-kinds";
import { mutedToasts, theme, zone } from "@/lib/preferences";
import { useSession } from "@/lib/session";
import { useStored } from "@/lib/stored";

export function Preferences() {
  return (
    <Popover
      label="Preferences"
      button={<Settings aria-hidden="true" />}
      look={{ size: "icon" }}
      className="w-72 max-w-[calc(100vw-1rem)]"
    >
      {() => (
        <div className="space-y-4 text-sm">
          <Looks />
          <Toasts />
          <Person />
        </div>
      )}
    </Popover>
  );
}

function Looks() {
  return (
    <div className="space-y-2">
      <div className="flex items-center justify-between gap-3">
        <span>Theme</span>
        <Segments
          label="Theme"
          value={useStored(theme)}
          options={[
            { value: "system", label: "System" },
            { value: "dark", label: "Dark" },
            { value: "light", label: "Light" },
          ]}
          onChange={theme.set}
        />
      </div>
      <div className="flex items-center justify-between gap-3">
        <span>Times</span>
        <Segments
          label="Times"
          value={useStored(zone)}
          options={[
            { value: "local", label: "Local" },
            { value: "utc", label: "UTC" },
          ]}
          onChange={zone.set}
        />
      </div>
    </div>
  );
}

function Toasts() {
  const muted = useStored(mutedToasts);
  return (
    <fieldset className="space-y-1.5 border-t border-line pt-3">
      <legend className="sr-only">Toasts of new alerts</legend>
      <p aria-hidden="true" className="text-xs text-muted">
        Toasts of new alerts
      </p>
      {ALERT_KINDS.map((kind) => (
        <label key={kind} className="flex cursor-pointer items-center gap-2.5 rounded py-0.5">
          <input
            type="checkbox"
            className="size-4 accent-(--accent)"
            checked={!muted.includes(kind)}
            onChange={(event) =>
              mutedToasts.set(ALERT_KINDS.filter((one) => (one === kind ? !event.target.checked : muted.includes(one))))
            }
          />
          {KIND_WORDS[kind]}
        </label>
      ))}
    </fieldset>
  );
}

function Person() {
  const state = useSession();
  if (state.phase !== "signed-in") return null;
  const { person } = state;
  return (
    <div className="flex items-center gap-2 border-t border-line pt-3">
      <p className="min-w-0 flex-1">
        <span className="block truncate font-medium">{person.displayName || person.email}</span>
        <span className="block text-xs text-muted">{person.role}</span>
      </p>
      <Button size="small" onClick={leave}>
        <LogOut aria-hidden="true" /> Sign out
      </Button>
    </div>
  );
}
