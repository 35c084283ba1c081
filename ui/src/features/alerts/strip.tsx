/** The last candles up to the alert's, and MACD-V at their closes: small, without interaction, exact in the table below. */
import type { Candle } from "@/api/shapes";
import { stageLook } from "@/lib/colours";
import { scaleOf } from "@/features/alerts/scale";

const [WIDTH, PRICES, VALUES, SPACE] = [640, 150, 90, 14];
const STEPS = 30;

interface StripProps {
  candles: readonly Candle[];
  openTime: number;
  colour: string;
}

export function Strip({ candles, openTime, colour }: StripProps) {
  const slot = WIDTH / Math.max(STEPS, candles.length);
  const first = WIDTH - slot * candles.length;
  const centre = (at: number): number => first + slot * (at + 0.5);
  const price = scaleOf(
    candles.flatMap((one) => [one.low, one.high]),
    4,
    PRICES - 4,
  );
  const readings = candles.flatMap((one, at) =>
    one.reading === null || one.reading === undefined ? [] : [{ at, ...one.reading }],
  );
  const lines = readings.flatMap((one) => [one.value, ...(one.signal === null ? [] : [one.signal])]);
  const value = scaleOf([...lines, 0], PRICES + SPACE, PRICES + SPACE + VALUES);
  const path = (points: readonly (readonly [number, number])[]): string =>
    points.map(([x, y], at) => `${at === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  const here = candles.findIndex((one) => one.openTime === openTime);
  return (
    <svg
      role="img"
      aria-label={`The last ${candles.length} candles and their MACD-V; every number is in the table`}
      viewBox={`0 0 ${WIDTH} ${PRICES + SPACE + VALUES}`}
      className="h-auto w-full"
    >
      {here >= 0 && (
        <rect x={first + slot * here} y={0} width={slot} height="100%" fill={colour} opacity={0.16} rx={2} />
      )}
      {[-150, -50, 50, 150].filter(value.holds).map((level) => (
        <g key={level} className="text-faint">
          <line
            x1={0}
            x2={WIDTH}
            y1={value.y(level)}
            y2={value.y(level)}
            stroke="currentColor"
            strokeDasharray="3 4"
            opacity={0.55}
          />
          <text x={2} y={value.y(level) - 3} fontSize={9} fill="currentColor">
            {level}
          </text>
        </g>
      ))}
      <line x1={0} x2={WIDTH} y1={value.y(0)} y2={value.y(0)} stroke="var(--line-strong)" />
      {candles.map((one, at) => {
        const paint = one.close >= one.open ? "var(--candle-up)" : "var(--candle-down)";
        const [top, foot] = [price.y(Math.max(one.open, one.close)), price.y(Math.min(one.open, one.close))];
        return (
          <g key={one.openTime} opacity={one.isEmpty ? 0.4 : 1}>
            <line
              x1={centre(at)}
              x2={centre(at)}
              y1={price.y(one.high)}
              y2={price.y(one.low)}
              stroke={paint}
              strokeWidth={1.2}
            />
            <rect
              x={centre(at) - slot * 0.32}
              y={top}
              width={slot * 0.64}
              height={Math.max(1.2, foot - top)}
              fill={paint}
              rx={0.8}
            />
          </g>
        );
      })}
      {readings.map((one) =>
        one.histogram === null ? null : (
          <rect
            key={one.openTime}
            x={centre(one.at) - slot * 0.3}
            y={Math.min(value.y(0), value.y(one.histogram))}
            width={slot * 0.6}
            height={Math.abs(value.y(0) - value.y(one.histogram))}
            fill="var(--faint)"
            opacity={0.35}
          />
        ),
      )}
      <path
        d={path(
          readings.flatMap((one) => (one.signal === null ? [] : [[centre(one.at), value.y(one.signal)] as const])),
        )}
        fill="none"
        stroke="var(--muted)"
        strokeWidth={1.2}
        strokeDasharray="4 3"
      />
      <path
        d={path(readings.map((one) => [centre(one.at), value.y(one.value)] as const))}
        fill="none"
        stroke="var(--text)"
        strokeWidth={1.8}
        strokeLinejoin="round"
      />
      {readings.map((one) => (
        <circle
          key={one.openTime}
          cx={centre(one.at)}
          cy={value.y(one.value)}
          r={2.4}
          fill={stageLook(one.stage).colour}
        />
      ))}
    </svg>
  );
}
