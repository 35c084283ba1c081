/** What each stage, state and alert looks like: one table, mirroring core/alerts/text.py. */

export const STAGES = [
  "oversold",
  "rebounding",
  "rallying",
  "overbought",
  "retracing",
  "reversing",
  "ranging",
  "unknown",
] as const;

export type Stage = (typeof STAGES)[number];

/** The shape that tells a stage where colour cannot; drawn by components/ui/stage-glyph.tsx. */
export type Shape =
  "down-floor" | "up" | "up-solid" | "up-ceiling" | "down" | "down-solid" | "level" | "dot" | "turn-up" | "turn-down";

export interface StageLook {
  readonly label: string;
  readonly code: string;
  readonly colour: string;
  readonly shape: Shape;
  readonly side: "bullish" | "bearish" | "neutral";
}

export const STAGE_LOOKS: Readonly<Record<Stage, StageLook>> = {
  oversold: { label: "Oversold", code: "OS", colour: "var(--stage-oversold)", shape: "down-floor", side: "bullish" },
  rebounding: { label: "Rebounding", code: "RB", colour: "var(--stage-rebounding)", shape: "up", side: "bullish" },
  rallying: { label: "Rallying", code: "RL", colour: "var(--stage-rallying)", shape: "up-solid", side: "bullish" },
  overbought: {
    label: "Overbought",
    code: "OB",
    colour: "var(--stage-overbought)",
    shape: "up-ceiling",
    side: "bearish",
  },
  retracing: { label: "Retracing", code: "RT", colour: "var(--stage-retracing)", shape: "down", side: "bearish" },
  reversing: { label: "Reversing", code: "RV", colour: "var(--stage-reversing)", shape: "down-solid", side: "bearish" },
  ranging: { label: "Ranging", code: "RG", colour: "var(--stage-ranging)", shape: "level", side: "neutral" },
  unknown: { label: "Unknown", code: "··", colour: "var(--stage-unknown)", shape: "dot", side: "neutral" },
};

/** The look of a stage by its name; a name that a newer server invented is shown as unknown. */
export function stageLook(stage: string): StageLook {
  return STAGE_LOOKS[STAGES.find((one) => one === stage) ?? "unknown"];
}

/** How strongly a cell is tinted, in per cent: the farther from zero, the warmer, in three steps. */
export function tintOf(value: number | null): number {
  if (value === null) return 0;
  const size = Math.abs(value);
  return size >= 150 ? 30 : size >= 50 ? 19 : 9;
}

export interface AlertLook {
  readonly colour: string;
  readonly shape: Shape;
  /** The stage whose colour it has, for a canvas that knows no variables. */
  readonly like: Stage;
}

function likeStage(like: Stage, shape: Shape): AlertLook {
  return { like, shape, colour: STAGE_LOOKS[like].colour };
}

/** What an alert looks like: by what happened, which its stage need not tell; a recovery turns the way it goes. */
export function alertLook(label: string): AlertLook {
  if (label === "reversal_oversold") return likeStage("rebounding", "turn-up");
  if (label === "reversal_overbought") return likeStage("retracing", "turn-down");
  if (label.startsWith("level_-")) return likeStage("oversold", "down-floor");
  if (label.startsWith("level_")) return likeStage("overbought", "up-ceiling");
  return likeStage("unknown", "dot");
}

export type Tone = "good" | "busy" | "warn" | "bad" | "off" | "simulated" | "accent" | "neutral";
