/** The one way to ask the server: with a token, in JSON, and every failure as a Problem. */
import { Problem } from "@/lib/problem";
import { session } from "@/lib/session";
import { noteServed, VERSION_HEADER } from "@/lib/versions";

const API = "/api/v1";
const LONGEST_MS = 20_000;

export type Query = Readonly<Record<string, string | number | readonly string[] | null | undefined>>;

interface Asked {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  query?: Query;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}

/** The address of a route with its query; what is null or absent is left out. */
export function address(path: string, query: Query = {}): string {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined) continue;
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [value]) words.append(name, String(one));
  }
  const text = words.toString();
  return `${API}${path}${text === "" ? "" : `?${text}`}`;
}

/** Ask, and once more with a renewed token where the first was refused. */
export async function ask<T>(path: string, asked: Asked = {}): Promise<T> {
  let response = await send(path, asked, await session.token());
  if (response.status === 401) {
    const renewed = await session.token(true);
    if (renewed !== null) response = await send(path, asked, renewed);
  }
  return answer<T>(response);
}

/** Ask without a token: for the few routes that hand out the first one. */
export async function askOpenly<T>(path: string, asked: Asked = {}): Promise<T> {
  return answer<T>(await send(path, asked, null));
}

async function send(path: string, asked: Asked, token: string | null): Promise<Response> {
  const limit = AbortSignal.timeout(LONGEST_MS);
  const response = await fetch(address(path, asked.query), {
    method: asked.method ?? "GET",
    credentials: "same-origin",
    signal: asked.signal === undefined ? limit : AbortSignal.any([asked.signal, limit]),
    headers: {
      accept: "application/json",
      ...(asked.body !== undefined && { "content-type": "application/json" }),
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...asked.headers,
    },
    ...(asked.body !== undefined && { body: JSON.stringify(asked.body) }),
  });
  noteServed(response.headers.get(VERSION_HEADER));
  return response;
}

async function answer<T>(response: Response): Promise<T> {
  const text = await response.text();
  const body = text === "" ? null : parsed(text);
  if (response.ok && body !== undefined) return body as T;
  if (response.ok) throw new Problem(-1, "The server's answer cannot be read", "It is no JSON.", requestId(response));
  throw Problem.from(response.status, body, requestId(response));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function requestId(response: Response): string | null {
  return response.headers.get("x-request-id");
}
