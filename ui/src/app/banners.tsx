/** What must be said above all: the link is gone, or server and screens are of two versions. */
import { CloudOff, RefreshCw, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

import { Button } from "@/components/ui/button";
import { Since } from "@/components/ui/time";
import { duration } from "@/lib/format";
import { link, useLiveState } from "@/lib/link";
import { isLinkLost, isStoreAway } from "@/lib/lost";
import { zone } from "@/lib/preferences";
import { useStored } from "@/lib/stored";
import { clockTime, useNow, zoneName } from "@/lib/time";
import { UI_VERSION, useOtherVersion } from "@/lib/versions";

export function Banners() {
  const other = useOtherVersion();
  return (
    <>
      <LostBanner />
      <TroubleBanner />
      {other !== null && (
        <Banner
          icon={<RefreshCw aria-hidden="true" />}
          action={
            <Button size="small" onClick={() => location.reload()}>
              Load the new screens
            </Button>
          }
        >
          The server is now version <span className="num">{other}</span>; these screens are{" "}
          <span className="num">{UI_VERSION}</span> and may not understand it.
        </Banner>
      )}
    </>
  );
}

function LostBanner() {
  const state = useLiveState();
  const now = useNow();
  const chosen = useStored(zone);
  if (!isLinkLost(state, now) || state.lostAt === null) return null;
  const seen = state.heardAt ?? state.lostAt;
  const next =
    state.phase === "refused"
      ? "The server refuses the live link."
      : state.retryAt === null
        ? "Trying now."
        : `Trying again in ${duration(Math.max(1000, state.retryAt - now))}.`;
  return (
    <Banner
      icon={<CloudOff aria-hidden="true" />}
      action={
        <Button size="small" onClick={() => link().hurry()}>
          Try now
        </Button>
      }
    >
      <strong className="font-semibold">
        Not live for <Since at={state.lostAt} />.
      </strong>{" "}
      What you see is from{" "}
      <span className="num">
        {clockTime(seen, chosen)} {zoneName(chosen, seen)}
      </span>
      . {next}
    </Banner>
  );
}

/** The link holds, but something on it does not: what stands on the page may be of before. */
function TroubleBanner() {
  const state = useLiveState();
  const first = state.troubles[0];
  if (first === undefined) return null;
  const others = state.troubles.length - 1;
  return (
    <Banner icon={<TriangleAlert aria-hidden="true" />} action={null}>
      <strong className="font-semibold">
        {isStoreAway(state) ? "The server cannot read its store." : "A part of this page is not live."}
      </strong>{" "}
      {capital(first.detail)}
      {first.topic !== null && <span className="num text-muted"> ({first.topic})</span>}
      {others > 0 && ` And ${others} more.`}
    </Banner>
  );
}

function capital(words: string): string {
  return words === "" ? "" : `${words.slice(0, 1).toUpperCase()}${words.slice(1).replace(/\.$/, "")}.`;
}

function Banner({ icon, action, children }: { icon: ReactNode; action: ReactNode; children: ReactNode }) {
  return (
    <div
      role="status"
      className="flex items-center gap-3 border-b border-warn/40 bg-warn/12 px-4 py-2 text-sm [&>svg]:size-4 [&>svg]:shrink-0 [&>svg]:text-warn"
    >
      {icon}
      <p className="min-w-0 flex-1">{children}</p>
      {action}
    </div>
  );
}
