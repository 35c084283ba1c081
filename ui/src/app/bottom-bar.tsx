/** The way about on a phone: the pages that one looks at on the move, and behind one more all others. */
import { Link } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import { useState } from "react";

import { usePages } from "@/app/pages";
import { Dialog } from "@/components/ui/dialog";

const PLACE = "flex h-14 flex-1 flex-col items-center justify-center gap-1 text-2xs font-medium text-muted";

export function BottomBar() {
  const pages = usePages();
  const [isOpen, setOpen] = useState(false);
  return (
    <nav
      aria-label="Pages"
      className="fixed inset-x-0 bottom-0 z-30 flex border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {pages
        .filter((page) => page.isOnPhone)
        .map((page) => (
          <Link
            key={page.to}
            to={page.to}
            activeOptions={{ exact: page.to === "/", includeSearch: false }}
            className={`${PLACE} [&.active]:text-accent`}
          >
            <page.icon aria-hidden="true" className="size-5" />
            {page.title}
          </Link>
        ))}
      <button type="button" aria-haspopup="dialog" className={PLACE} onClick={() => setOpen(true)}>
        <Ellipsis aria-hidden="true" className="size-5" />
        More
      </button>
      <Dialog title="All other pages" isOpen={isOpen} onClose={() => setOpen(false)}>
        <ul className="grid grid-cols-2 gap-1">
          {pages
            .filter((page) => !page.isOnPhone)
            .map((page) => (
              <li key={page.to}>
                <Link
                  to={page.to}
                  onClick={() => setOpen(false)}
                  className="flex h-12 items-center gap-3 rounded-md px-3 text-sm font-medium text-muted hover:bg-hover [&.active]:text-accent"
                >
                  <page.icon aria-hidden="true" className="size-5" />
                  {page.title}
                </Link>
              </li>
            ))}
        </ul>
      </Dialog>
    </nav>
  );
}
