/** The settings at their address. */
import { getRouteApi, useNavigate } from "@tanstack/react-router";

import { SettingsPage } from "@/features/settings/page";

const route = getRouteApi("/settings");

export function SettingsRoute() {
  const search = route.useSearch();
  const navigate = useNavigate();
  return (
    <SettingsPage
      view={search.view ?? "form"}
      onView={(view) =>
        void navigate({ to: "/settings", search: view === "json" ? { view: "json" } : {}, replace: true })
      }
    />
  );
}
