/** The dashboard with the newest alerts beside it. */
import { AlertList } from "@/features/alerts/alert-list";
import { useAlerts } from "@/features/alerts/use-alerts";
import { Dashboard } from "@/features/dashboard/page";

const ALL = {};

export function DashboardRoute() {
  return <Dashboard newest={<AlertList alerts={useAlerts(ALL)} title="Newest alerts" />} />;
}
