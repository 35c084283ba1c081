/** The tokens as a canvas needs them: resolved to numbers, and anew whenever the theme changes. */
import { useSyncExternalStore } from "react";

import { STAGES, type Stage } from "@/lib/colours";

export interface Palette {
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly surface: string;
  readonly up: string;
  readonly down: string;
  readonly other: string;
  readonly stages: Readonly<Record<Stage, string>>;
}

function resolved(token: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

function read(): Palette {
  return {
    text: resolved("--text"),
    muted: resolved("--muted"),
    line: resolved("--line"),
    surface: resolved("--surface"),
    up: resolved("--candle-up"),
    down: resolved("--candle-down"),
    other: resolved("--simulated"),
    stages: Object.fromEntries(STAGES.map((stage) => [stage, resolved(`--stage-${stage}`)])) as Record<Stage, string>,
  };
}

/** A colour with another opacity. */
export function faded(colour: string, opacity: number): string {
  const parts = /^rgba?\((\d+), (\d+), (\d+)/.exec(colour);
  return parts === null ? colour : `rgba(${parts[1] ?? 0}, ${parts[2] ?? 0}, ${parts[3] ?? 0}, ${opacity})`;
}

let current: Palette | null = null;

function follow(listener: () => void): () => void {
  const change = (): void => {
    current = null;
    listener();
  };
  const system = matchMedia("(prefers-color-scheme: dark)");
  const observer = new MutationObserver(change);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  system.addEventListener("change", change);
  return () => {
    observer.disconnect();
    system.removeEventListener("change", change);
  };
}

export function usePalette(): Palette {
  return useSyncExternalStore(follow, () => (current ??= read()));
}
