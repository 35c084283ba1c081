/** One alert at its address. */
import { getRouteApi } from "@tanstack/react-router";

import { AlertPage } from "@/features/alerts/detail-page";

const route = getRouteApi("/alerts/$id");

export function AlertRoute() {
  const { id } = route.useParams();
  return <AlertPage key={id} id={id} />;
}
