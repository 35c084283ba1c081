/** The dashboard with the newest alerts beside it. */
import { AlertList } from "@/features/alerts/alert-list";
import { useAlerts } from "@/features/alerts/use-alerts";
import { Dashboard } from "@/features/dashboard/page";

const ALL = {};

export function DashboardRoute() {
  const found = useAlerts(ALL);
  return (
    <Dashboard
      alerts={found.query.data === undefined ? undefined : found.alerts}
      hasMoreAlerts={found.query.hasNextPage}
      newest={<AlertList alerts={found} title="Newest alerts" />}
    />
  );
}
