/** Stretches drawn over the whole height: gaps hatched, so that nobody takes a hole for a quiet market, and quiet ones. */
import type {
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesPrimitive,
  SeriesAttachedParameter,
  UTCTimestamp,
} from "lightweight-charts";

import type { Gap } from "@/features/chart/model";
import { count } from "@/lib/format";

type Target = Parameters<IPrimitivePaneRenderer["draw"]>[0];
const HATCH = 6;
/** A stretch that is narrower than its words, px, goes without them. */
const WORD = 6;
const FONT = "11px Inter Variable, sans-serif";

export interface Stretch {
  readonly kind: "missing" | "quiet";
  /** The first and the last place, in seconds. */
  readonly from: number;
  readonly to: number;
  readonly words: string;
}

export class Shade implements ISeriesPrimitive {
  #chart: SeriesAttachedParameter["chart"] | null = null;
  #update: (() => void) | null = null;
  #stretches: readonly Stretch[] = [];
  #colour = "gray";

  attached({ chart, requestUpdate }: SeriesAttachedParameter): void {
    this.#chart = chart;
    this.#update = requestUpdate;
  }

  detached(): void {
    this.#chart = null;
    this.#update = null;
  }

  show(stretches: readonly Stretch[], colour: string): void {
    this.#stretches = stretches;
    this.#colour = colour;
    this.#update?.();
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return [{ zOrder: () => "bottom", renderer: () => ({ draw: (target) => this.#draw(target) }) }];
  }

  #draw(target: Target): void {
    const scale = this.#chart?.timeScale();
    if (scale === undefined) return;
    const half = scale.options().barSpacing / 2;
    target.useMediaCoordinateSpace(({ context, mediaSize }) => {
      for (const { kind, from, to, words } of this.#stretches) {
        const [left, right] = [
          scale.timeToCoordinate(from as UTCTimestamp),
          scale.timeToCoordinate(to as UTCTimestamp),
        ];
        if (left === null || right === null || right < 0 || left > mediaSize.width) continue;
        const [x, width] = [left - half, right - left + 2 * half];
        if (kind === "missing") hatch(context, x, width, mediaSize.height, this.#colour);
        else wash(context, x, width, mediaSize.height, this.#colour);
        write(context, words, x + width / 2, width, this.#colour);
      }
    });
  }
}

function wash(context: CanvasRenderingContext2D, x: number, width: number, height: number, colour: string): void {
  context.save();
  context.globalAlpha = 0.07;
  context.fillStyle = colour;
  context.fillRect(x, 0, width, height);
  context.restore();
}

function write(context: CanvasRenderingContext2D, words: string, x: number, width: number, colour: string): void {
  context.save();
  context.font = FONT;
  context.textAlign = "center";
  context.fillStyle = colour;
  if (context.measureText(words).width + WORD <= width) context.fillText(words, x, 16);
  context.restore();
}

function hatch(context: CanvasRenderingContext2D, x: number, width: number, height: number, colour: string): void {
  context.save();
  context.beginPath();
  context.rect(x, 0, width, height);
  context.clip();
  context.strokeStyle = colour;
  context.globalAlpha = 0.35;
  context.lineWidth = 1;
  context.beginPath();
  for (let at = x - height; at < x + width; at += HATCH) {
    context.moveTo(at, height);
    context.lineTo(at + height, 0);
  }
  context.stroke();
  context.restore();
}

/** A gap as it is drawn: over the places that are kept free for it. */
export function missing({ gap, places }: { gap: Gap; places: readonly number[] }): Stretch {
  return {
    kind: "missing",
    from: (places[0] ?? gap.from) / 1000,
    to: (places.at(-1) ?? gap.from) / 1000,
    words: `${count(gap.count)} missing`,
  };
}

/** A stretch in which nobody traded, times in ms. */
export function quiet({ from, to }: { from: number; to: number }): Stretch {
  return { kind: "quiet", from: from / 1000, to: to / 1000, words: "no trades" };
}
