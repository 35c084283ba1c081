/** New alerts said once, in the colour of their stage; a storm becomes one line with a count; each kind can be muted. */
import { Link, useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import { toast, Toaster } from "sonner";

import type { Alert } from "@/api/shapes";
import { AlertGlyph } from "@/components/ui/stage-glyph";
import { KIND_WORDS, kindOf, type AlertKind } from "@/lib/alert-kinds";
import { alertLook } from "@/lib/colours";
import { useExchangeTitle } from "@/lib/exchange-names";
import { count, happening, price, reading } from "@/lib/format";
import { useTopic } from "@/lib/link";
import { mutedToasts, theme } from "@/lib/preferences";
import { ALERTS_TOPIC, alertIn } from "@/lib/resources/alerts";
import { QUIET, telling } from "@/lib/storm";
import { useStored } from "@/lib/stored";

const STORM_TOAST = "storm";
/** So many symbols of a storm are named. */
const NAMED = 8;

/** The alerts that deserve a toast: new ones of the kinds that are not muted. */
function worthTelling(alerts: readonly Alert[], muted: readonly AlertKind[]): readonly Alert[] {
  return alerts.filter(
    (alert) => (alert.status === "fired" || alert.status === "late") && !muted.includes(kindOf(alert)),
  );
}

function mute(kind: AlertKind): void {
  mutedToasts.set([...mutedToasts.get().filter((one) => one !== kind), kind]);
  toast(`No more toasts: ${KIND_WORDS[kind].toLowerCase()}`, {
    description: "Lists and channels still have them. Preferences bring them back.",
    action: {
      label: "Undo",
      onClick: () => mutedToasts.set(mutedToasts.get().filter((one) => one !== kind)),
    },
  });
}

export function AlertToasts() {
  const navigate = useNavigate();
  const exchangeTitle = useExchangeTitle();
  const told = useRef(QUIET);
  const open = (id: string): void => void navigate({ to: "/alerts/$id", params: { id } });
  useTopic(ALERTS_TOPIC, (messages) => {
    const fresh = worthTelling(
      messages.flatMap((message) => alertIn(message) ?? []),
      mutedToasts.get(),
    );
    if (fresh.length === 0) return;
    const before = told.current;
    const now = telling(before, fresh, Date.now());
    told.current = now;
    if (now.single.length === 0) {
      before.single.forEach((alert) => toast.dismiss(alert.id));
      const { symbols } = now;
      toast(`${count(now.count)} alerts on ${count(symbols.length)} symbols`, {
        id: STORM_TOAST,
        description: symbols.slice(0, NAMED).join(", ") + (symbols.length > NAMED ? " …" : ""),
        action: { label: "Show", onClick: () => void navigate({ to: "/alerts" }) },
      });
      return;
    }
    for (const alert of fresh) {
      toast(<AlertLine alert={alert} exchange={exchangeTitle(alert.exchangeName)} />, {
        id: alert.id,
        cancel: { label: "Mute", onClick: () => mute(kindOf(alert)) },
        action: { label: "Open", onClick: () => open(alert.id) },
      });
    }
  });
  return (
    <Toaster
      theme={useStored(theme)}
      position="bottom-right"
      visibleToasts={3}
      toastOptions={{
        className: "!bg-raised !border-line-strong !text-text !rounded-lg !shadow-raised !font-sans",
        classNames: {
          description: "!text-muted !text-xs",
          actionButton: "!bg-accent !text-on-accent !h-7 !rounded-md !px-2 !text-xs !font-medium",
          cancelButton:
            "!bg-transparent !text-muted hover:!bg-hover hover:!text-text !h-7 !rounded-md !px-2 !text-xs !font-medium",
        },
      }}
      mobileOffset={{ bottom: 68 }}
    />
  );
}

function AlertLine({ alert, exchange }: { alert: Alert; exchange: string }) {
  return (
    <Link to="/alerts/$id" params={{ id: alert.id }} className="flex flex-col gap-0.5">
      <span className="flex items-center gap-2 text-sm font-semibold" style={{ color: alertLook(alert.label).colour }}>
        <AlertGlyph label={alert.label} size={12} />
        {alert.symbol} {alert.timeframe} {happening(alert.label)}
      </span>
      <span className="num text-xs text-muted">
        {exchange} · {price(alert.price)} · MACD-V {reading(alert.value)}
        {alert.status === "late" && " · late"}
      </span>
    </Link>
  );
}
