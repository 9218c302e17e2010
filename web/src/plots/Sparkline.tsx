import { linePath } from "./paths";
import { linear } from "./scales";

const WIDTH = 120;
const HEIGHT = 24;
const EDGE = 4;

interface SparklineProps {
  readonly points: readonly { readonly time: number; readonly value: number }[];
  readonly until: number;
}

/** The trend at a glance; the numbers stand beside it. */
export function Sparkline({ points, until }: SparklineProps) {
  const values = points.map((point) => point.value);
  const x = linear(0, until, EDGE, WIDTH - EDGE);
  const y = linear(Math.min(...values), Math.max(...values), HEIGHT - EDGE, EDGE);
  const places = points.map((point) => [x.at(point.time), y.at(point.value)] as const);
  const last = places.at(-1);
  return (
    <svg className="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
      <path d={linePath(places)} />
      {last && <circle cx={last[0]} cy={last[1]} r="2.5" />}
    </svg>
  );
}
