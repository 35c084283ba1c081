/** The title of the window: what page it is, and whether it may be believed. */
import { useLocation } from "@tanstack/react-router";
import { useEffect } from "react";

import { PAGES } from "@/app/pages";
import { useIsStale } from "@/lib/stale";

/** How a page at that path is called. */
export function titleOf(path: string): string {
  const [, first = "", , symbol] = path.split("/");
  if (first === "chart" && symbol !== undefined) return symbol;
  if (path.startsWith("/alerts/")) return "Alert";
  return PAGES.find((page) => page.to === `/${first}`)?.title ?? "No such page";
}

export function useTitle(): void {
  const title = titleOf(useLocation({ select: (location) => location.pathname }));
  const isStale = useIsStale();
  useEffect(() => {
    document.title = `${isStale ? "Not live · " : ""}${title} · Livermore`;
  }, [title, isStale]);
}
