/** The table of pages: address, title, place in the navigation; every page is loaded when it is first opened. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";

import { known } from "@/app/known-search";
import { NotFound, PageError } from "@/app/page-faces";
import { Shell } from "@/app/shell";
import { alertsSearch } from "@/features/alerts/search";
import { chartSearch } from "@/features/chart/search";
import { logsSearch } from "@/features/logs/search";
import { portfolioSearch } from "@/features/portfolio/search";
import { settingsSearch } from "@/features/settings/search";
import { networkSearch } from "@/features/network/search";
import { signalsSearch } from "@/features/signals/search";
import { controlSearch } from "@/features/control/search";
import { symbolsSearch } from "@/features/symbols/search";
import { exchangesSearch } from "@/features/exchanges/search";
import { peopleSearch } from "@/features/people/search";

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: PageError });

const dashboard = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => import("@/app/routes/dashboard"), "DashboardRoute"),
});

const signals = createRoute({
  getParentRoute: () => root,
  path: "/signals",
  validateSearch: known(signalsSearch),
  component: lazyRouteComponent(() => import("@/app/routes/signals"), "SignalsRoute"),
});

const chart = createRoute({
  getParentRoute: () => root,
  path: "/chart/$exchange/$symbol",
  validateSearch: known(chartSearch),
  component: lazyRouteComponent(() => import("@/app/routes/chart"), "ChartRoute"),
});

const network = createRoute({
  getParentRoute: () => root,
  path: "/network",
  validateSearch: known(networkSearch),
  component: lazyRouteComponent(() => import("@/app/routes/network"), "NetworkRoute"),
});

const control = createRoute({
  getParentRoute: () => root,
  path: "/control",
  validateSearch: known(controlSearch),
  component: lazyRouteComponent(() => import("@/app/routes/control"), "ControlRoute"),
});

const alerts = createRoute({
  getParentRoute: () => root,
  path: "/alerts",
  validateSearch: known(alertsSearch),
  component: lazyRouteComponent(() => import("@/app/routes/alerts"), "AlertsRoute"),
});

const alert = createRoute({
  getParentRoute: () => root,
  path: "/alerts/$id",
  component: lazyRouteComponent(() => import("@/app/routes/alert"), "AlertRoute"),
});

const symbols = createRoute({
  getParentRoute: () => root,
  path: "/symbols",
  validateSearch: known(symbolsSearch),
  component: lazyRouteComponent(() => import("@/app/routes/symbols"), "SymbolsRoute"),
});

const logs = createRoute({
  getParentRoute: () => root,
  path: "/logs",
  validateSearch: known(logsSearch),
  component: lazyRouteComponent(() => import("@/app/routes/logs"), "LogsRoute"),
});

const exchanges = createRoute({
  getParentRoute: () => root,
  path: "/exchanges",
  validateSearch: known(exchangesSearch),
  component: lazyRouteComponent(() => import("@/app/routes/exchanges"), "ExchangesRoute"),
});

const portfolio = createRoute({
  getParentRoute: () => root,
  path: "/portfolio",
  validateSearch: known(portfolioSearch),
  component: lazyRouteComponent(() => import("@/app/routes/portfolio"), "PortfolioRoute"),
});

const people = createRoute({
  getParentRoute: () => root,
  path: "/people",
  validateSearch: known(peopleSearch),
  component: lazyRouteComponent(() => import("@/app/routes/people"), "PeopleRoute"),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  validateSearch: known(settingsSearch),
  component: lazyRouteComponent(() => import("@/app/routes/settings"), "SettingsRoute"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    settings,
    portfolio,
    logs,
    dashboard,
    signals,
    chart,
    alerts,
    alert,
    network,
    control,
    symbols,
    exchanges,
    people,
  ]),
  // An error of a page stands in the place of the page: the navigation stays.
  defaultErrorComponent: PageError,
  defaultPreload: "intent",
  defaultPendingMs: 200,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
