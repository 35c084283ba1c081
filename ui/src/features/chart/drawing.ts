/** The canvas of a chart: price and volume above, MACD-V below, one time scale and one crosshair for both. */
import {
  CandlestickSeries,
  createSeriesMarkers,
  CrosshairMode,
  HistogramSeries,
  LineSeries,
  LineStyle,
  type AutoscaleInfo,
  type CandlestickData,
  type HistogramData,
  type IChartApi,
  type ISeriesApi,
  type LineData,
  type SeriesMarker,
  type Time,
  type WhitespaceData,
} from "lightweight-charts";

import type { Candle } from "@/api/shapes";
import { chartOn, timesIn, wallOf, ZonedAxis } from "@/features/chart/axis";
import { emptyPlaces, gapsIn, quietIn, stageNamed, type Forming, type Marker } from "@/features/chart/model";
import { faded, type Palette } from "@/features/chart/palette";
import { repairs, seconds, sorted } from "@/features/chart/points";
import { missing, quiet, Shade } from "@/features/chart/shade";
import { alertLook } from "@/lib/colours";
import { decimal, priceDecimals } from "@/lib/format";
import { type Timeframe, type Zone } from "@/lib/time";

export const LEVELS = [150, 50, -50, -150] as const;
const EDGE = 40;
const LEAST_RANGE = 165;

export interface Picture {
  readonly candles: readonly Candle[];
  readonly other: readonly Candle[];
  readonly markers: readonly Marker[];
  readonly timeframe: Timeframe;
}

export interface Events {
  readonly onPoint: (openTime: number | null) => void;
  readonly onMarker: (id: string) => void;
  readonly onEdge: () => void;
}

interface Series {
  readonly price: ISeriesApi<"Candlestick">;
  readonly volume: ISeriesApi<"Histogram">;
  readonly other: ISeriesApi<"Line">;
  readonly histogram: ISeriesApi<"Histogram">;
  readonly value: ISeriesApi<"Line">;
  readonly signal: ISeriesApi<"Line">;
  readonly otherValue: ISeriesApi<"Line">;
}

function addSeries(chart: IChartApi): Series {
  const quiet = { priceLineVisible: false, lastValueVisible: false, crosshairMarkerVisible: false };
  const volume = chart.addSeries(HistogramSeries, {
    ...quiet,
    priceScaleId: "volume",
    priceFormat: { type: "volume" },
  });
  volume.priceScale().applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
  const price = chart.addSeries(CandlestickSeries, { borderVisible: true });
  price.priceScale().applyOptions({ scaleMargins: { top: 0.08, bottom: 0.18 } });
  const other = chart.addSeries(LineSeries, { ...quiet, lineWidth: 2, priceScaleId: "right" });
  const histogram = chart.addSeries(
    HistogramSeries,
    { ...quiet, priceFormat: { type: "price", precision: 1, minMove: 0.1 } },
    1,
  );
  const signal = chart.addSeries(LineSeries, { ...quiet, lineWidth: 1, lineStyle: LineStyle.Solid }, 1);
  const otherValue = chart.addSeries(LineSeries, { ...quiet, lineWidth: 1, lineStyle: LineStyle.Dashed }, 1);
  const value = chart.addSeries(
    LineSeries,
    {
      ...quiet,
      lastValueVisible: true,
      lineWidth: 2,
      priceFormat: { type: "price", precision: 1, minMove: 0.1 },
      autoscaleInfoProvider: withLevels,
    },
    1,
  );
  chart.panes()[0]?.setStretchFactor(0.66);
  chart.panes()[1]?.setStretchFactor(0.34);
  return { price, volume, other, histogram, value, signal, otherValue };
}

/** The scale of MACD-V always shows the levels that alerts begin at, so that a calm stretch looks calm. */
function withLevels(original: () => AutoscaleInfo | null): AutoscaleInfo {
  const range = original()?.priceRange;
  return {
    priceRange: {
      minValue: Math.min(-LEAST_RANGE, range?.minValue ?? 0),
      maxValue: Math.max(LEAST_RANGE, range?.maxValue ?? 0),
    },
  };
}

export class Drawing {
  readonly #chart: IChartApi;
  readonly #axis = new ZonedAxis();
  #zone: Zone = "utc";
  /** The zone by which the axis of what is drawn was laid, or null while nothing is. */
  #drawnZone: Zone | null = null;
  readonly #series: Series;
  readonly #markers;
  readonly #shade = new Shade();
  readonly #levels;
  #palette: Palette;

  constructor(place: HTMLElement, palette: Palette, events: Events) {
    this.#palette = palette;
    this.#chart = chartOn(place, this.#axis, {
      autoSize: true,
      crosshair: { mode: CrosshairMode.Normal },
      rightPriceScale: { borderVisible: false },
      timeScale: { borderVisible: false, timeVisible: true, rightOffset: 6, minBarSpacing: 1.5, barSpacing: 7 },
    });
    this.#series = addSeries(this.#chart);
    this.#series.price.attachPrimitive(this.#shade);
    this.#markers = createSeriesMarkers(this.#series.price, []);
    this.#levels = LEVELS.map((level) =>
      this.#series.value.createPriceLine({
        price: level,
        lineWidth: 1,
        lineStyle: Math.abs(level) === 150 ? LineStyle.Dashed : LineStyle.Dotted,
        axisLabelVisible: false,
        title: "",
      }),
    );
    this.#chart.subscribeCrosshairMove(({ time, hoveredInfo }) => {
      place.style.cursor = typeof hoveredInfo?.objectId === "string" ? "pointer" : "";
      events.onPoint(typeof time === "number" ? time * 1000 : null);
    });
    this.#chart.subscribeClick(({ hoveredInfo }) => {
      if (typeof hoveredInfo?.objectId === "string") events.onMarker(hoveredInfo.objectId);
    });
    this.#chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range !== null && range.from < EDGE) events.onEdge();
    });
    this.wear(palette);
  }

  wear(palette: Palette): void {
    this.#palette = palette;
    const { up, down, muted, line, surface, text } = palette;
    this.#chart.applyOptions({
      layout: {
        background: { color: surface },
        textColor: muted,
        fontFamily: "Inter Variable, sans-serif",
        fontSize: 11,
        attributionLogo: true,
        panes: { separatorColor: line, separatorHoverColor: faded(text, 0.12) },
      },
      grid: { vertLines: { color: faded(line, 0.55) }, horzLines: { color: faded(line, 0.55) } },
      crosshair: {
        vertLine: { color: faded(muted, 0.6), labelBackgroundColor: muted },
        horzLine: { color: faded(muted, 0.6), labelBackgroundColor: muted },
      },
    });
    // Rising candles are hollow, falling ones full: the shape tells what the colour tells.
    this.#series.price.applyOptions({
      upColor: faded(up, 0.12),
      borderUpColor: up,
      wickUpColor: up,
      downColor: down,
      borderDownColor: down,
      wickDownColor: down,
    });
    this.#series.other.applyOptions({ color: palette.other });
    this.#series.otherValue.applyOptions({ color: palette.other });
    this.#series.signal.applyOptions({ color: faded(text, 0.55) });
    this.#levels.forEach((level, at) =>
      level.applyOptions({
        color: faded(
          Math.abs(LEVELS[at] ?? 0) === 150 ? palette.stages[(LEVELS[at] ?? 0) > 0 ? "overbought" : "oversold"] : muted,
          0.7,
        ),
      }),
    );
  }

  /** Show times of that zone; the days of the axis follow with the next drawing. */
  tellTimes(zone: Zone): void {
    this.#zone = zone;
    this.#axis.follow(wallOf(zone));
    this.#chart.applyOptions(timesIn(zone));
  }

  draw(picture: Picture): void {
    const isLaidAnew = this.#drawnZone !== null && this.#drawnZone !== this.#zone;
    this.#drawnZone = this.#zone;
    if (!isLaidAnew) return this.#draw(picture);
    const scale = this.#chart.timeScale();
    const range = scale.getVisibleLogicalRange();
    // Points that are known already are not weighed again: the axis is laid anew for none, and then for all.
    Object.values(this.#series).forEach((series: ISeriesApi<"Line">) => series.setData([]));
    this.#draw(picture);
    if (range !== null) scale.setVisibleLogicalRange(range);
  }

  #draw({ candles, other, markers, timeframe }: Picture): void {
    const gaps = gapsIn(candles, timeframe).map((gap) => ({ gap, places: emptyPlaces(gap, timeframe) }));
    const spaces: WhitespaceData[] = gaps
      .flatMap(({ places }) => places)
      .map((openTime) => ({ time: seconds(openTime) }));
    const decimals = priceDecimals(candles.at(-1)?.close ?? 1);
    this.#series.price.applyOptions({
      priceFormat: {
        type: "custom",
        formatter: (value: number) => decimal(value, decimals),
        minMove: 10 ** -decimals,
      },
    });
    this.#series.price.setData(sorted([...candles.map((candle) => this.#candle(candle)), ...spaces]));
    this.#series.volume.setData(
      candles.map((candle): HistogramData => ({
        time: seconds(candle.openTime),
        value: candle.volume,
        color: faded(candle.close >= candle.open ? this.#palette.up : this.#palette.down, 0.32),
      })),
    );
    this.#series.other.setData(
      other.map((candle): LineData => ({ time: seconds(candle.openTime), value: candle.close })),
    );
    this.#drawReadings(candles, other, spaces);
    this.#shade.show([...gaps.map(missing), ...quietIn(candles).map(quiet)], this.#palette.muted);
    this.#markers.setMarkers(
      sorted([...markers.map((marker) => this.#mark(marker)), ...repairs(candles, this.#palette.muted)]),
    );
  }

  #drawReadings(candles: readonly Candle[], other: readonly Candle[], spaces: readonly WhitespaceData[]): void {
    const values: LineData[] = [];
    const signals: LineData[] = [];
    const histogram: HistogramData[] = [];
    for (const candle of candles) {
      const { reading } = candle;
      if (reading == null) continue;
      const time = seconds(candle.openTime);
      const colour = this.#palette.stages[stageNamed(reading.stage)];
      values.push({ time, value: reading.value, color: colour });
      if (reading.signal !== null) signals.push({ time, value: reading.signal });
      if (reading.histogram !== null)
        histogram.push({
          time,
          value: reading.histogram,
          color: faded(reading.histogram >= 0 ? this.#palette.up : this.#palette.down, 0.4),
        });
    }
    this.#series.value.setData(sorted<LineData | WhitespaceData>([...values, ...spaces]));
    this.#series.signal.setData(sorted<LineData | WhitespaceData>([...signals, ...spaces]));
    this.#series.histogram.setData(histogram);
    this.#series.otherValue.setData(
      other.flatMap((candle) =>
        candle.reading == null ? [] : [{ time: seconds(candle.openTime), value: candle.reading.value }],
      ),
    );
  }

  /** The candle that is not over, lighter than the others. */
  form(forming: Forming | null): void {
    if (forming === null) return;
    const colour = faded(forming.close >= forming.open ? this.#palette.up : this.#palette.down, 0.5);
    const { open, high, low, close } = forming;
    this.#series.price.update({
      time: seconds(forming.openTime),
      open,
      high,
      low,
      close,
      color: faded(colour, 0.2),
      borderColor: colour,
      wickColor: colour,
    });
  }

  /** Bring the candle that opened at that instant into the middle. */
  goTo(openTime: number, timeframeMs: number): void {
    const half = 60 * timeframeMs;
    this.#chart.timeScale().setVisibleRange({ from: seconds(openTime - half), to: seconds(openTime + half) });
  }

  toNow(): void {
    this.#chart.timeScale().scrollToRealTime();
  }

  close(): void {
    this.#chart.remove();
  }

  #candle(candle: Candle): CandlestickData {
    const { open, high, low, close } = candle;
    const drawn = { time: seconds(candle.openTime), open, high, low, close };
    // Nobody traded: a grey dash, so that it is not taken for a doji.
    return candle.isEmpty
      ? {
          ...drawn,
          color: this.#palette.muted,
          borderColor: faded(this.#palette.muted, 0.8),
          wickColor: this.#palette.muted,
        }
      : drawn;
  }

  #mark({ id, time, isAbove, alert }: Marker): SeriesMarker<Time> {
    const colour = this.#palette.stages[alertLook(alert.label).like];
    return {
      id,
      time: seconds(time),
      position: isAbove ? "aboveBar" : "belowBar",
      shape: isAbove ? "arrowDown" : "arrowUp",
      color: colour,
      size: 1.2,
      text: alert.label.startsWith("level_") ? alert.label.slice(6).replace("-", "\u2212") : "",
    };
  }
}
