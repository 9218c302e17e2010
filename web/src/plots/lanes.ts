/** Bars of one row that overlap in time lie side by side in lanes: several patients in one room. */

export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Laned<T> {
  readonly bar: T;
  readonly lane: number;
}

/**
 * The fewest lanes in which no two bars overlap (greedy interval partitioning by start). A bar may begin where another
 * one ends.
 */
export function laneOut<T extends Span>(bars: readonly T[]): { readonly bars: readonly Laned<T>[]; readonly lanes: number } {
  const free: number[] = [];
  const placed = [...bars]
    .sort((a, b) => a.start - b.start || b.end - a.end)
    .map((bar) => {
      const open = free.findIndex((end) => end <= bar.start + 1e-9);
      const lane = open < 0 ? free.length : open;
      free[lane] = bar.end;
      return { bar, lane };
    });
  return { bars: placed, lanes: Math.max(1, free.length) };
}
