/** Users and the keys of partners, for admins. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import type { components } from "@/api/schema";
import type { Person, Role } from "@/api/shapes";
import { answer, api } from "@/lib/http";

type Schemas = components["schemas"];
export type Key = Schemas["KeyShown"];
export type KeyMade = Schemas["KeyMade"];
export type KeyAsked = Schemas["KeyAsked"];
export type Scope = Schemas["Scope"];
export type Link = Schemas["LinkShown"];

const PAGE = 50;

/** Users have no topic: somebody who is let in is seen when the list is asked for again. */
const LOOK_EVERY_MS = 15_000;

export function usersQuery(search: string) {
  return infiniteQueryOptions({
    queryKey: ["users", search],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET("/api/v1/users", {
          params: { query: { cursor: pageParam, limit: PAGE, search: search === "" ? null : search } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next,
    refetchInterval: LOOK_EVERY_MS,
  });
}

export const keysQuery = queryOptions({
  queryKey: ["keys"],
  queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/keys", { signal }))).items,
});

export const serverQuery = queryOptions({
  queryKey: ["server"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/server", { signal })),
  staleTime: Infinity,
});

export function changeUser(id: string, change: { role?: Role; isActive?: boolean }): Promise<Person> {
  return answer(api.PATCH("/api/v1/users/{user_id}", { params: { path: { user_id: id } }, body: change }));
}

export async function removeUser(id: string): Promise<void> {
  await answer(api.DELETE("/api/v1/users/{user_id}", { params: { path: { user_id: id } } }));
}

export function makeLink(email: string): Promise<Link> {
  return answer(api.POST("/api/v1/auth/links", { body: { email } }));
}

export function makeKey(asked: KeyAsked): Promise<KeyMade> {
  return answer(api.POST("/api/v1/keys", { body: asked }));
}

export async function revokeKey(id: string): Promise<void> {
  await answer(api.DELETE("/api/v1/keys/{key_id}", { params: { path: { key_id: id } } }));
}
