/** How the UI is built and served while it is worked on. */
import { fileURLToPath } from "node:url";

import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Where `make ui` finds the API; the fixture server of src/testing listens there as well.
const API = process.env.UI_API ?? "http://127.0.0.1:8800";

export default defineConfig({
  plugins: [react(), tailwind()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  define: { __UI_VERSION__: JSON.stringify(process.env.LIVERMORE_UI_VERSION ?? "") },
  server: { proxy: { "/api": { target: API, ws: true } } },
  preview: { proxy: { "/api": { target: API, ws: true } } },
  build: {
    target: "es2023",
    // The content security policy of the server allows no inline scripts.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  test: {
    environment: "node",
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
});
