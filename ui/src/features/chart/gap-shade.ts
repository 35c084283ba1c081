/** Gaps drawn as gaps: hatched over the whole height, so that nobody takes a hole for a quiet market. */
import type {
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesPrimitive,
  SeriesAttachedParameter,
  UTCTimestamp,
} from "lightweight-charts";

type Target = Parameters<IPrimitivePaneRenderer["draw"]>[0];
const HATCH = 6;

export class GapShade implements ISeriesPrimitive {
  #chart: SeriesAttachedParameter["chart"] | null = null;
  #update: (() => void) | null = null;
  #gaps: readonly { readonly from: number; readonly to: number }[] = [];
  #colour = "gray";

  attached({ chart, requestUpdate }: SeriesAttachedParameter): void {
    this.#chart = chart;
    this.#update = requestUpdate;
  }

  detached(): void {
    this.#chart = null;
    this.#update = null;
  }

  /** `shown` names the first and last place that is kept free for each gap, in seconds. */
  show(shown: readonly { readonly from: number; readonly to: number }[], colour: string): void {
    this.#gaps = shown;
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
      for (const gap of this.#gaps) {
        const [left, right] = [
          scale.timeToCoordinate(gap.from as UTCTimestamp),
          scale.timeToCoordinate(gap.to as UTCTimestamp),
        ];
        if (left === null || right === null || right < 0 || left > mediaSize.width) continue;
        hatch(context, left - half, right - left + 2 * half, mediaSize.height, this.#colour);
      }
    });
  }
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
