import type { Measure } from "../api/types";

const WIDTH = 120;
const HEIGHT = 16;
const MARGIN = 4;
const MIDDLE = HEIGHT / 2;

export type Axis = readonly [from: number, to: number];

/** From 0.5 where nothing lies below it (a coin's AUROC), else from 0; always to 1. */
export function axisFor(measures: readonly Measure[]): Axis {
  const lows = measures.map((measure) => measure.interval?.low ?? measure.value ?? 1);
  return lows.every((low) => low >= 0.5) ? [0.5, 1] : [0, 1];
}

interface IntervalMarkProps {
  readonly measure: Measure;
  readonly axis: Axis;
}

/** A figure as a dot on a line, its interval as whiskers. The numbers stand beside it in text. */
export function IntervalMark({ measure, axis }: IntervalMarkProps) {
  if (measure.value === null) return null;
  const [from, to] = axis;
  const x = (value: number) => {
    const share = Math.min(1, Math.max(0, (value - from) / (to - from)));
    return MARGIN + share * (WIDTH - 2 * MARGIN);
  };
  const { interval, value } = measure;
  const whisker = (low: number, high: number) => `M${x(low)} 3v10M${x(low)} ${MIDDLE}H${x(high)}M${x(high)} 3v10`;
  return (
    <svg className="interval-mark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
      <path className="axis" d={`M${x(from)} ${MIDDLE}H${x(to)}M${x(from)} 5v6M${x((from + to) / 2)} 6v4M${x(to)} 5v6`} />
      {interval && <path className="whisker" d={whisker(interval.low, interval.high)} />}
      <circle cx={x(value)} cy={MIDDLE} r="3.5" />
    </svg>
  );
}

/** The ends of the axis, to stand above or below the marks. */
export function AxisEnds({ axis }: { readonly axis: Axis }) {
  return (
    <span className="axis-ends" aria-hidden="true">
      <span>{axis[0]}</span>
      <span>{axis[1]}</span>
    </span>
  );
}
