/** New alerts said once, in the colour of their stage; a storm becomes one line with a count. */
import { useNavigate } from "@tanstack/react-router";
import { toast, Toaster } from "sonner";

import { StageGlyph } from "@/components/ui/stage-glyph";
import type { Alert } from "@/api/shapes";
import { alertColour } from "@/lib/colours";
import { happening, price, reading } from "@/lib/format";
import { useTopic } from "@/lib/link";
import { theme, toasts } from "@/lib/preferences";
import { ALERTS_TOPIC, alertIn } from "@/lib/resources/alerts";
import { useStored } from "@/lib/stored";
import { isTimeframe } from "@/lib/time";

/** More new alerts at once than this are told as one. */
const STORM = 3;

/** The alerts that deserve a toast: fired ones, and late ones unless they are off. */
export function worthTelling(alerts: readonly Alert[], choice: "all" | "late-off" | "off"): readonly Alert[] {
  if (choice === "off") return [];
  return alerts.filter((alert) => alert.status === "fired" || (choice === "all" && alert.status === "late"));
}

export function AlertToasts() {
  const navigate = useNavigate();
  const choice = useStored(toasts);
  useTopic(ALERTS_TOPIC, (messages) => {
    const fresh = worthTelling(
      messages.flatMap((message) => alertIn(message) ?? []),
      choice,
    );
    if (fresh.length > STORM) {
      const symbols = [...new Set(fresh.map((alert) => alert.symbol))];
      toast(`${fresh.length} alerts on ${symbols.length} symbols`, {
        id: "storm",
        description: symbols.slice(0, 8).join(", ") + (symbols.length > 8 ? " …" : ""),
        action: { label: "Show", onClick: () => void navigate({ to: "/signals" }) },
      });
      return;
    }
    for (const alert of fresh) {
      toast(<AlertLine alert={alert} />, {
        id: alert.id,
        action: {
          label: "Chart",
          onClick: () =>
            void navigate({
              to: "/chart/$exchange/$symbol",
              params: { exchange: alert.exchangeName, symbol: alert.symbol },
              search: { tf: isTimeframe(alert.timeframe) ? alert.timeframe : "5m", at: alert.openTime },
            }),
        },
      });
    }
  });
  return (
    <Toaster
      theme={useStored(theme)}
      position="bottom-right"
      visibleToasts={4}
      toastOptions={{ className: "!bg-raised !border-line-strong !text-text !rounded-lg !shadow-raised !font-sans" }}
      mobileOffset={{ bottom: 68 }}
    />
  );
}

function AlertLine({ alert }: { alert: Alert }) {
  return (
    <span className="flex flex-col gap-0.5">
      <span
        className="flex items-center gap-2 text-sm font-semibold"
        style={{ color: alertColour(alert.label, alert.stage) }}
      >
        <StageGlyph stage={alert.stage} size={12} />
        {alert.symbol} {alert.timeframe} {happening(alert.label)}
      </span>
      <span className="num text-xs text-muted">
        {alert.exchangeName} · {price(alert.price)} · MACD-V {reading(alert.value)}
        {alert.status === "late" && " · late"}
      </span>
    </span>
  );
}
