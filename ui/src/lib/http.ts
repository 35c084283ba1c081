/** The one way to ask the server: typed by its OpenAPI document, with a token, and every failure as a Problem. */
import createClient from "openapi-fetch";

import type { paths } from "@/api/schema";
import { Problem } from "@/lib/problem";
import { session } from "@/lib/session";
import { noteServed, VERSION_HEADER } from "@/lib/versions";

const LONGEST_MS = 20_000;

async function send(request: Request, token: string | null): Promise<Response> {
  if (token !== null) request.headers.set("authorization", `Bearer ${token}`);
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(LONGEST_MS)]);
  const response = await fetch(request, { signal });
  noteServed(response.headers.get(VERSION_HEADER));
  return response;
}

/** Ask, and once more with a renewed token where the first was refused. */
async function signedIn(request: Request): Promise<Response> {
  const again = request.clone();
  const response = await send(request, await session.token());
  if (response.status === 403) void session.doubt();
  if (response.status !== 401) return response;
  const renewed = await session.token(true);
  return renewed === null ? response : send(again, renewed);
}

/** The routes of the API, for somebody who is signed in. */
export const api = createClient<paths>({ baseUrl: "/", fetch: signedIn });

/** The few routes that hand out the first token. */
export const openApi = createClient<paths>({ baseUrl: "/", fetch: (request) => send(request, null) });

interface Answered<T> {
  data?: T | undefined;
  error?: unknown;
  response: Response;
}

/** What the server answered; throws a Problem where it is none. */
export async function answer<T>(asked: Promise<Answered<T>>): Promise<T> {
  const { data, error, response } = await asked;
  if (response.ok && error === undefined) return data as T;
  throw Problem.from(response.status, error, response.headers.get("x-request-id"));
}
