/** The frame of every page: navigation, the strip of truth, and what must be said above all. */
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useRef, useState } from "react";

import { Banners } from "@/app/banners";
import { BottomBar } from "@/app/bottom-bar";
import { usePages } from "@/app/pages";
import { AlertToasts } from "@/app/toasts";
import { TruthStrip } from "@/app/truth-strip";
import { useTitle } from "@/app/use-title";
import { Wordmark } from "@/app/wordmark";
import { useKeys } from "@/lib/keys";
import { useIsStale } from "@/lib/stale";

const Palette = lazy(() => import("@/app/palette").then((found) => ({ default: found.Palette })));
const Help = lazy(() => import("@/app/help").then((found) => ({ default: found.Help })));
/** How long after `g` the letter of a page may follow. */
const LEADER_MS = 1200;

export function Shell() {
  const [open, setOpen] = useState<"palette" | "help" | null>(null);
  const isStale = useIsStale();
  useGoTo();
  useTitle();
  useKeys({ "mod+k": () => setOpen("palette"), "?": () => setOpen("help") });
  const close = (): void => setOpen(null);
  return (
    <div data-stale={isStale} className="flex min-h-dvh">
      <a
        href="#page"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded focus:bg-raised focus:px-3 focus:py-2"
      >
        Skip to the page
      </a>
      <Sidebar />
      <div className="flex min-w-0 flex-1 flex-col pb-14 md:pb-0">
        <TruthStrip onSearch={() => setOpen("palette")} />
        <Banners />
        <main id="page" className="flex min-h-0 flex-1 flex-col">
          <Outlet />
        </main>
      </div>
      <BottomBar />
      <AlertToasts />
      {open !== null && (
        <Suspense>
          {open === "palette" ? <Palette onClose={close} onHelp={() => setOpen("help")} /> : <Help onClose={close} />}
        </Suspense>
      )}
    </div>
  );
}

/** `g` and then a letter opens a page. */
function useGoTo(): void {
  const navigate = useNavigate();
  const pages = usePages();
  const ledAt = useRef(-Infinity);
  const go = (key: string) => (event: KeyboardEvent) => {
    const page = pages.find((one) => one.key === key);
    if (page !== undefined && event.timeStamp - ledAt.current < LEADER_MS) void navigate({ to: page.to });
  };
  useKeys({
    g: (event) => {
      ledAt.current = event.timeStamp;
    },
    ...Object.fromEntries(pages.map((page) => [page.key, go(page.key)])),
  });
}

function Sidebar() {
  const pages = usePages();
  return (
    <aside className="sticky top-0 hidden h-dvh w-50 shrink-0 flex-col border-r border-line bg-surface px-3 py-4 md:flex">
      <Link to="/" className="px-2" aria-label="Livermore, to the dashboard">
        <Wordmark />
      </Link>
      <nav aria-label="Pages" className="mt-6 space-y-0.5">
        {pages.map((page) => (
          <Link
            key={page.to}
            to={page.to}
            activeOptions={{ exact: page.to === "/", includeSearch: false }}
            className="flex h-8.5 items-center gap-2.5 rounded-md px-2.5 text-sm font-medium text-muted transition-colors hover:bg-hover hover:text-text [&.active]:bg-hover [&.active]:text-text [&.active_svg]:text-accent"
          >
            <page.icon aria-hidden="true" className="size-4" />
            {page.title}
          </Link>
        ))}
      </nav>
    </aside>
  );
}
