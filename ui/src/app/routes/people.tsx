/** Users and keys at their address. */
import { getRouteApi, useNavigate } from "@tanstack/react-router";

import { PeoplePage } from "@/features/people/page";

const route = getRouteApi("/people");

export function PeopleRoute() {
  const search = route.useSearch();
  const navigate = useNavigate();
  return (
    <PeoplePage search={search} onSearch={(next) => void navigate({ to: "/people", search: next, replace: true })} />
  );
}
