/** The drawing in its place in the page. */
import { useEffect, useRef } from "react";

import { Drawing, type Events, type Picture } from "@/features/chart/drawing";
import type { Forming } from "@/features/chart/model";
import { usePalette } from "@/features/chart/palette";
import { zone } from "@/lib/preferences";
import { useStored } from "@/lib/stored";
import { timeframeLength } from "@/lib/time";

interface ChartCanvasProps extends Events {
  picture: Picture;
  forming: Forming | null;
  /** The opening of a candle to show first. */
  goTo: number | null;
  label: string;
}

export function ChartCanvas({ picture, forming, goTo, label, onPoint, onMarker, onEdge }: ChartCanvasProps) {
  const place = useRef<HTMLDivElement>(null);
  const drawing = useRef<Drawing | null>(null);
  const events = useRef<Events>({ onPoint, onMarker, onEdge });
  const gone = useRef<number | null>(null);
  const palette = usePalette();
  const chosen = useStored(zone);
  useEffect(() => {
    events.current = { onPoint, onMarker, onEdge };
  });
  useEffect(() => {
    if (place.current === null) return undefined;
    const made = new Drawing(place.current, palette, {
      onPoint: (openTime) => events.current.onPoint(openTime),
      onMarker: (id) => events.current.onMarker(id),
      onEdge: () => events.current.onEdge(),
    });
    drawing.current = made;
    return () => {
      drawing.current = null;
      made.close();
    };
    // The palette is put on below; a new one must not make a new chart.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  useEffect(() => drawing.current?.wear(palette), [palette]);
  useEffect(() => drawing.current?.tellTimes(chosen), [chosen]);
  useEffect(() => drawing.current?.draw(picture), [picture, palette, chosen]);
  useEffect(() => drawing.current?.form(forming), [forming, picture, palette, chosen]);
  useEffect(() => {
    if (goTo === null || goTo === gone.current || !picture.candles.some((candle) => candle.openTime === goTo)) return;
    gone.current = goTo;
    drawing.current?.goTo(goTo, timeframeLength(picture.timeframe));
  }, [goTo, picture]);
  return <div ref={place} role="group" aria-label={label} className="absolute inset-0" />;
}
