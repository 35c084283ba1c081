/** Numbers to places on a strip: the highest at the top, with nothing lost at the edges. */

export interface Scale {
  readonly y: (value: number) => number;
  /** Whether a number lies between the lowest and the highest. */
  readonly holds: (value: number) => boolean;
}

/** The scale that puts the highest of the numbers at `top` and the lowest at `bottom`; equal ones in the middle. */
export function scaleOf(values: readonly number[], top: number, bottom: number): Scale {
  const known = values.filter(Number.isFinite);
  const [low, high] = known.length === 0 ? [0, 0] : [Math.min(...known), Math.max(...known)];
  const span = high - low;
  return {
    y: (value) => (span === 0 ? (top + bottom) / 2 : top + ((high - value) / span) * (bottom - top)),
    holds: (value) => low <= value && value <= high,
  };
}
