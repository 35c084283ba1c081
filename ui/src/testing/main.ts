/**
 * The fixture server by itself:
 * `scripts/ui fixture [--port 8800] [--symbols 34] [--mood well] [--role admin] [--ui dist] [--alert-every 4000]`.
 */
import { parseArgs } from "node:util";

import { serveFixture } from "./server.ts";
import type { FixtureOptions } from "./world.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8800" },
    symbols: { type: "string", default: "34" },
    mood: { type: "string", default: "well" },
    role: { type: "string", default: "admin" },
    ui: { type: "string" },
    "alert-every": { type: "string", default: "4000" },
  },
});
const fixture = await serveFixture({
  port: Number(values.port),
  symbols: Number(values.symbols),
  mood: values.mood as FixtureOptions["mood"],
  role: values.role,
  ui: values.ui ?? null,
  now: Date.now,
});
process.stdout.write(`the made-up market is at ${fixture.url}\n`);
setInterval(fixture.beat, 1000);
setInterval(fixture.raiseAlert, Number(values["alert-every"]));
