/** A line without axes: the shape of a few numbers. */

interface SparklineProps {
  values: readonly number[];
  label: string;
  width?: number;
  height?: number;
}

/** The path through the values, the lowest at the bottom; a flat line in the middle where they are equal. */
export function sparkPath(values: readonly number[], width: number, height: number): string {
  const low = Math.min(...values);
  const span = Math.max(...values) - low;
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  return values
    .map((value, at) => {
      const share = span === 0 ? 0.5 : (value - low) / span;
      return `${at === 0 ? "M" : "L"}${(at * step).toFixed(1)} ${(1 + (height - 2) * (1 - share)).toFixed(1)}`;
    })
    .join("");
}

export function Sparkline({ values, label, width = 72, height = 20 }: SparklineProps) {
  if (values.length < 2) return <span className="text-faint">–</span>;
  return (
    <svg role="img" aria-label={label} width={width} height={height} className="overflow-visible text-muted">
      <path
        d={sparkPath(values, width, height)}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.4"
        strokeLinejoin="round"
      />
    </svg>
  );
}
