/** From values to pixels, and round numbers to write beside an axis. */

export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly at: (value: number) => number;
}

/** `from`…`to` onto `start`…`end` pixels; a scale of no width puts everything in its middle. */
export function linear(from: number, to: number, start: number, end: number): Scale {
  const width = to - from;
  return { from, to, at: (value) => (width === 0 ? (start + end) / 2 : start + ((value - from) / width) * (end - start)) };
}

/** 1, 2 or 5 times a power of ten: the step that gives about `count` of them. */
export function niceStep(width: number, count: number): number {
  if (!(width > 0)) return 1;
  const raw = width / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const share = raw / power;
  return (share > 5 ? 10 : share > 2 ? 5 : share > 1 ? 2 : 1) * power;
}

/** Round numbers from `from` to `to`, both included where they are round. */
export function ticks(from: number, to: number, count: number): readonly number[] {
  const step = niceStep(to - from, count);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

/** Steps that clocks and calendars count in, so that an axis of months says 12, 24, 36. */
const ROUND_TIMES: Readonly<Record<string, readonly number[]>> = {
  mo: [1, 2, 3, 6, 12, 24, 36, 60, 120],
  h: [1, 2, 3, 6, 12, 24, 48],
  d: [1, 2, 7, 14, 30, 60, 90, 180, 365, 730, 1825],
};

export function timeTicks(to: number, unit: string, count: number): readonly number[] {
  const step = ROUND_TIMES[unit]?.find((round) => to / round <= count);
  if (step === undefined) return ticks(0, to, count);
  return Array.from({ length: Math.floor(to / step + 1e-9) + 1 }, (_, index) => index * step);
}

/** A domain that begins and ends at round numbers and holds every value; nothing known gives 0 to 1. */
export function niceDomain(values: readonly number[], count: number): readonly [from: number, to: number] {
  const known = values.filter(Number.isFinite);
  if (known.length === 0) return [0, 1];
  const low = Math.min(...known);
  const high = Math.max(...known);
  const margin = high === low ? Math.max(Math.abs(high), 1) * 0.1 : 0;
  const step = niceStep(high - low + 2 * margin, count);
  return [Math.floor((low - margin) / step + 1e-9) * step, Math.ceil((high + margin) / step - 1e-9) * step];
}

/** Labels pushed apart until no two are nearer than `gap`, in their order, each as near to its place as may be. */
export function spread(places: readonly number[], gap: number, low: number, high: number): readonly number[] {
  const order = places.map((_, index) => index).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  const put = [...places];
  let floor = low;
  for (const index of order) {
    put[index] = Math.max(put[index] ?? 0, floor);
    floor = (put[index] ?? 0) + gap;
  }
  let ceiling = high;
  for (const index of [...order].reverse()) {
    put[index] = Math.min(put[index] ?? 0, ceiling);
    ceiling = (put[index] ?? 0) - gap;
  }
  return put;
}
