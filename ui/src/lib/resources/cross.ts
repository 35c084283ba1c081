/** What two exchanges say of the same asset: asked for again and again, as prices move all the time. */
import { queryOptions } from "@tanstack/react-query";

import { answer, api } from "@/lib/http";

const EVERY_MS = 3000;

export const crossQuery = queryOptions({
  queryKey: ["cross"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/signals/cross", { signal })),
  refetchInterval: EVERY_MS,
});
