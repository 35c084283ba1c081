/** The dashboard with the newest alerts beside it. */
import { AlertList, useAlerts } from "@/features/alerts/alert-list";
import { Dashboard } from "@/features/dashboard/page";
import { alertsIn } from "@/lib/resources/alerts";

export function DashboardRoute() {
  const alerts = useAlerts({});
  return (
    <Dashboard
      alerts={alerts.data === undefined ? undefined : alertsIn(alerts.data)}
      hasMoreAlerts={alerts.hasNextPage}
      newest={<AlertList filter={{}} title="Newest alerts" />}
    />
  );
}
