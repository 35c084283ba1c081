/** The pages as the navigation and the command palette list them. */
import {
  Activity,
  Bell,
  Landmark,
  LayoutDashboard,
  Network,
  SlidersHorizontal,
  Coins,
  ScrollText,
  Wallet,
  Users,
  Settings2,
  type LucideIcon,
} from "lucide-react";

export interface Page {
  readonly to:
    | "/"
    | "/signals"
    | "/alerts"
    | "/network"
    | "/control"
    | "/symbols"
    | "/logs"
    | "/exchanges"
    | "/portfolio"
    | "/people"
    | "/settings";
  readonly title: string;
  readonly icon: LucideIcon;
  /** Pressed after `g`. */
  readonly key: string;
  readonly isOnPhone: boolean;
}

export const PAGES: readonly Page[] = [
  { to: "/", title: "Dashboard", icon: LayoutDashboard, key: "d", isOnPhone: true },
  { to: "/signals", title: "Signals", icon: Activity, key: "s", isOnPhone: true },
  { to: "/alerts", title: "Alerts", icon: Bell, key: "a", isOnPhone: true },
  { to: "/network", title: "Network", icon: Network, key: "n", isOnPhone: true },
  { to: "/control", title: "Control", icon: SlidersHorizontal, key: "c", isOnPhone: false },
  { to: "/symbols", title: "Symbols", icon: Coins, key: "y", isOnPhone: false },
  { to: "/logs", title: "Logs", icon: ScrollText, key: "l", isOnPhone: false },
  { to: "/exchanges", title: "Exchanges", icon: Landmark, key: "x", isOnPhone: false },
  { to: "/portfolio", title: "Portfolio", icon: Wallet, key: "p", isOnPhone: false },
  { to: "/people", title: "Users & keys", icon: Users, key: "u", isOnPhone: false },
  { to: "/settings", title: "Settings", icon: Settings2, key: "e", isOnPhone: false },
];
