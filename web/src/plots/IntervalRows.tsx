import { useWidth } from "../elements/useWidth";
import type { Range } from "../api/answers";
import { linear, niceDomain, ticks } from "./scales";

export interface IntervalRow {
  readonly name: string;
  readonly title: string;
  readonly value: number | null;
  readonly interval: Range | null;
  readonly words: string;
}

interface IntervalRowsProps {
  readonly rows: readonly IntervalRow[];
  readonly axisTitle: string;
  readonly alt: string;
  /** Written beside a value. */
  readonly label: (value: number) => string;
  /** Written under the axis. */
  readonly tick: (value: number) => string;
  /** Drawn from zero on, where a quantity has one. */
  readonly fromZero?: boolean;
}

const ROW = 48;
const SIDE = 34;
const FOOT = 54;
const NARROW = 300;
const TITLE_ROOM = 190;

/** Estimates with their intervals, one above the other on one axis. */
export function IntervalRows({ rows, axisTitle, alt, label, tick, fromZero = false }: IntervalRowsProps) {
  const [box, width] = useWidth<HTMLDivElement>(640);
  const ends = rows.flatMap((row) => (row.interval ? [...row.interval] : row.value === null ? [] : [row.value]));
  const count = width < NARROW ? 4 : 7;
  const [low, high] = niceDomain(fromZero ? [...ends, 0] : ends, count);
  const titled = rows.length > 1;
  const left = titled ? Math.min(TITLE_ROOM, width * 0.34) : SIDE;
  const x = linear(low, high, left, width - SIDE);
  const bottom = 14 + rows.length * ROW;
  const height = bottom + FOOT;
  return (
    <div className="interval-rows" ref={box}>
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={alt}>
        {ticks(low, high, count).map((at) => (
          <g className="axes" key={at}>
            <path className="grid" d={`M${x.at(at)} 8V${bottom}`} />
            <text x={x.at(at)} y={bottom + 20} textAnchor="middle">
              {tick(at)}
            </text>
          </g>
        ))}
        <g className="axes">
          <path className="base" d={`M${left} ${bottom}H${width - SIDE}`} />
          <text className="title" x={width - SIDE} y={bottom + 42} textAnchor="end">
            {axisTitle}
          </text>
        </g>
        {rows.map((row, index) => {
          const y = 14 + index * ROW + ROW / 2 + 6;
          return (
            <g key={row.name} className="interval-row">
              {titled && (
                <text className="row-title" x={0} y={y} dominantBaseline="central">
                  {row.title}
                </text>
              )}
              {row.interval && (
                <rect
                  className="band"
                  x={x.at(row.interval[0])}
                  y={y - 7}
                  width={Math.max(3, x.at(row.interval[1]) - x.at(row.interval[0]))}
                  height={14}
                  rx={4}
                />
              )}
              {row.value !== null && (
                <>
                  <circle cx={x.at(row.value)} cy={y} r={7} />
                  <text className="row-value" x={x.at(row.value)} y={y - 19} textAnchor="middle" dominantBaseline="central">
                    {label(row.value)}
                  </text>
                </>
              )}
              {row.value === null && (
                <text className="row-none" x={left + 8} y={y} dominantBaseline="central">
                  {row.words}
                </text>
              )}
            </g>
          );
        })}
      </svg>
    </div>
  );
}
