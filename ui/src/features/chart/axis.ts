/** The time axis of a chart in the zone that one has chosen: its days begin at that zone's midnight. */
import {
  createChartEx,
  defaultHorzScaleBehavior,
  TickMarkType,
  type ChartOptions,
  type DeepPartial,
  type IChartApi,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";

import { clockTime, day, hourMinute, wallClock, type Zone } from "@/lib/time";

const UniversalAxis = defaultHorzScaleBehavior();
type Points = Parameters<InstanceType<typeof UniversalAxis>["fillWeightsForPoints"]>[0];

/** How an instant, ms UTC, is read off a wall, as ms of a day of 24 hours that begins at midnight. */
export type Wall = (at: number) => number;

/**
 * An axis weighs its marks by where UTC's days, months and years begin; this one weighs them by what the wall shows.
 *
 * The points stay where they are: shifting their times would lay an hour over another when the clocks are put back.
 */
export class ZonedAxis extends UniversalAxis {
  #wall: Wall = (at) => at;

  /** Weigh by that wall from now on; what was weighed by another one has to be laid anew. */
  follow(wall: Wall): void {
    this.#wall = wall;
  }

  override fillWeightsForPoints(points: Points, startIndex: number): void {
    const from = Math.max(0, startIndex - 1);
    const shown = points.slice(from).map((point) => ({ ...point, time: this.#shown(point.originalTime as Time) }));
    super.fillWeightsForPoints(shown, startIndex - from);
    shown.forEach(({ timeWeight }, at) => {
      const point = points[from + at];
      if (point !== undefined && from + at >= startIndex) point.timeWeight = timeWeight;
    });
  }

  #shown(time: Time) {
    return this.convertHorzItemToInternal((this.#wall(Number(time) * 1000) / 1000) as UTCTimestamp);
  }
}

/** The wall of a zone. */
export function wallOf(zone: Zone): Wall {
  return (at) => wallClock(at, zone);
}

/** A chart with that axis. */
export function chartOn(place: HTMLElement, axis: ZonedAxis, options: DeepPartial<ChartOptions>): IChartApi {
  return createChartEx<Time, ZonedAxis>(place, axis, options);
}

/** How a chart writes its instants down. */
export function timesIn(zone: Zone): DeepPartial<ChartOptions> {
  const ms = (time: Time): number => Number(time) * 1000;
  return {
    localization: { timeFormatter: (time: Time) => `${day(ms(time), zone)} ${clockTime(ms(time), zone)}` },
    timeScale: {
      tickMarkFormatter: (time: Time, kind: TickMarkType) =>
        kind < TickMarkType.Time ? day(ms(time), zone) : hourMinute(ms(time), zone),
    },
  };
}
