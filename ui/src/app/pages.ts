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

import type { Role } from "@/api/shapes";
import { useRole } from "@/lib/session";

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
  /** Who may open it; whoever may not finds it in no list, and its address says so. */
  readonly isFor: "everybody" | "users" | "admins";
}

export const PAGES: readonly Page[] = [
  { to: "/", title: "Dashboard", icon: LayoutDashboard, key: "d", isOnPhone: true, isFor: "everybody" },
  { to: "/signals", title: "Signals", icon: Activity, key: "s", isOnPhone: true, isFor: "everybody" },
  { to: "/alerts", title: "Alerts", icon: Bell, key: "a", isOnPhone: true, isFor: "everybody" },
  { to: "/network", title: "Network", icon: Network, key: "n", isOnPhone: true, isFor: "everybody" },
  { to: "/control", title: "Control", icon: SlidersHorizontal, key: "c", isOnPhone: false, isFor: "admins" },
  { to: "/symbols", title: "Symbols", icon: Coins, key: "y", isOnPhone: false, isFor: "everybody" },
  { to: "/logs", title: "Logs", icon: ScrollText, key: "l", isOnPhone: false, isFor: "admins" },
  { to: "/exchanges", title: "Exchanges", icon: Landmark, key: "x", isOnPhone: false, isFor: "everybody" },
  { to: "/portfolio", title: "Portfolio", icon: Wallet, key: "p", isOnPhone: false, isFor: "users" },
  { to: "/people", title: "Users & keys", icon: Users, key: "u", isOnPhone: false, isFor: "admins" },
  { to: "/settings", title: "Settings", icon: Settings2, key: "e", isOnPhone: false, isFor: "everybody" },
];

const ROLES: Readonly<Record<Page["isFor"], readonly (Role | null)[] | null>> = {
  everybody: null,
  users: ["admin", "user"],
  admins: ["admin"],
};

/** The pages that a role may open; null is a role that is not known. */
export function pagesOf(role: Role | null): readonly Page[] {
  return PAGES.filter((page) => ROLES[page.isFor]?.includes(role) ?? true);
}

/** The pages that the person may open. */
export function usePages(): readonly Page[] {
  return pagesOf(useRole());
}
