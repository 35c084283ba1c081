/** Candles and alerts as points of a chart. */
import type { SeriesMarker, Time, UTCTimestamp } from "lightweight-charts";

import type { Candle } from "@/api/shapes";

/** An instant of ours, ms, as a chart counts. */
export const seconds = (ms: number): UTCTimestamp => (ms / 1000) as UTCTimestamp;

/** The points in order of time, as a chart demands. */
export function sorted<T extends { time: Time }>(points: T[]): T[] {
  return points.sort((one, other) => Number(one.time) - Number(other.time));
}

/** A small mark below each candle that was corrected after it had closed. */
export function repairs(candles: readonly Candle[], colour: string): SeriesMarker<Time>[] {
  return candles
    .filter((candle) => candle.revision > 0)
    .map((candle) => ({
      time: seconds(candle.openTime),
      position: "belowBar",
      shape: "circle",
      color: colour,
      size: 0.5,
    }));
}
