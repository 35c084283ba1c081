/** Where the screens begin. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import "@/app/app.css";
import { App } from "@/app/app";
import { begin } from "@/app/begin";
import { hurryOnReturn } from "@/lib/link";
import { wearTheme } from "@/lib/preferences";

wearTheme(document.documentElement);
hurryOnReturn();
void begin();

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
