/** The colours of app/tokens.css can be read by everyone: contrast by WCAG, stages apart for every colour vision. */
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { STAGES, STAGE_LOOKS } from "@/lib/colours";

type Rgb = readonly [number, number, number];

const CSS = readFileSync(new URL("../app/tokens.css", import.meta.url), "utf8");
const THEMES = ["light", "dark"] as const;

function token(name: string, theme: "light" | "dark"): Rgb {
  const found = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(CSS);
  const hex = found?.[theme === "light" ? 1 : 2];
  if (hex === undefined) throw new Error(`no token --${name}`);
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255) as unknown as Rgb;
}

const linear = (part: number): number => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);

function luminance([red, green, blue]: Rgb): number {
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function contrast(one: Rgb, other: Rgb): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function mixed(over: Rgb, share: number, under: Rgb): Rgb {
  return over.map((part, index) => part * share + (under[index] ?? 0) * (1 - share)) as unknown as Rgb;
}

// Machado, Oliveira, Fernandes (2009), severity 1.0, on linear light.
const VISIONS: Record<string, readonly (readonly [number, number, number])[]> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** OKLab, in which equal distances look about equally far. */
function seen(colour: Rgb, vision: string): Rgb {
  const light = colour.map(linear);
  const [red, green, blue] = (VISIONS[vision] ?? []).map((row) =>
    Math.max(
      0,
      row.reduce((sum, part, index) => sum + part * (light[index] ?? 0), 0),
    ),
  ) as [number, number, number];
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

const apart = (one: Rgb, other: Rgb): number => Math.hypot(...one.map((part, index) => part - (other[index] ?? 0)));

describe.each(THEMES)("the %s theme", (theme) => {
  it.each(["text", "muted", "faint"])("has %s that reads on every ground (AA, 4.5)", (name) => {
    for (const ground of ["canvas", "surface", "raised", "hover"]) {
      expect(contrast(token(name, theme), token(ground, theme)), ground).toBeGreaterThanOrEqual(4.5);
    }
  });

  it.each(["accent", "good", "busy", "warn", "bad", "off", "simulated"])(
    "has %s that reads as text (AA, 4.5)",
    (name) => {
      for (const ground of ["canvas", "surface", "raised"]) {
        expect(contrast(token(name, theme), token(ground, theme)), ground).toBeGreaterThanOrEqual(4.5);
      }
    },
  );

  it.each(STAGES)("tints a cell of stage %s so that its number still reads and its glyph is seen", (stage) => {
    const colour = token(`stage-${stage}`, theme);
    for (const share of [0.09, 0.19, 0.3]) {
      const ground = mixed(colour, share, token("surface", theme));
      expect(contrast(token("text", theme), ground)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(colour, ground)).toBeGreaterThanOrEqual(3);
    }
  });

  it.each(Object.keys(VISIONS))("keeps stages that share no shape's direction apart with %s", (vision) => {
    const pairs = STAGES.flatMap((one, at) => STAGES.slice(at + 1).map((other) => [one, other] as const));
    for (const [one, other] of pairs) {
      const isOpposed = STAGE_LOOKS[one].side !== STAGE_LOOKS[other].side;
      if (!isOpposed || one === "unknown" || other === "unknown") continue;
      const distance = apart(seen(token(`stage-${one}`, theme), vision), seen(token(`stage-${other}`, theme), vision));
      expect(distance, `${one} and ${other}`).toBeGreaterThanOrEqual(0.05);
    }
  });
});

it("gives every stage a shape and a code of its own", () => {
  const looks = STAGES.map((stage) => STAGE_LOOKS[stage]);
  expect(new Set(looks.map((look) => look.shape)).size).toBe(STAGES.length);
  expect(new Set(looks.map((look) => look.code)).size).toBe(STAGES.length);
});
