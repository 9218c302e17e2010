import { type KeyboardEvent, type PointerEvent, type ReactNode, useId, useState } from "react";
import { useWidth } from "../elements/useWidth";
import { useSpeech } from "../state/language";
import { linear, type Scale } from "./scales";

export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** What can be read at one place of the plot. */
export interface Reading {
  readonly x: number;
  readonly y: number | null;
  readonly words: string;
}

export interface Frame {
  readonly x: Scale;
  readonly y: Scale;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

interface ChartProps {
  readonly alt: string;
  readonly xRange: readonly [number, number];
  readonly yRange: readonly [number, number];
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly Tick[];
  readonly xTitle: string;
  readonly yTitle: string;
  readonly readings: readonly Reading[];
  readonly height?: number;
  /** Room at the right for labels that stand beside their lines. */
  readonly labelRoom?: number;
  readonly children: (frame: Frame) => ReactNode;
}

const LEFT = 56;
const TOP = 34;
const BOTTOM = 52;
const DIRECTIONS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };

/** Axes around lines. Values are read by pointer or arrow keys and said in a line below; the plot is also said in words. */
export function Chart(props: ChartProps) {
  const { alt, xRange, yRange, readings, height = 320, labelRoom = 24, children } = props;
  const { texts } = useSpeech();
  const [box, width] = useWidth<HTMLDivElement>(720);
  const [chosen, setChosen] = useState<number | null>(null);
  const hint = useId();
  const right = Math.max(LEFT + 80, width - labelRoom);
  const frame: Frame = {
    x: linear(xRange[0], xRange[1], LEFT, right),
    y: linear(yRange[0], yRange[1], height - BOTTOM, TOP),
    left: LEFT,
    right,
    top: TOP,
    bottom: height - BOTTOM,
  };
  const reading = chosen === null ? undefined : readings[Math.min(chosen, readings.length - 1)];
  const step = (event: KeyboardEvent) => {
    const by = DIRECTIONS[event.key];
    const ends: Readonly<Record<string, number>> = { Home: 0, End: readings.length - 1 };
    const next = by === undefined ? ends[event.key] : chosen === null ? (by > 0 ? 0 : readings.length - 1) : chosen + by;
    if (next === undefined) return;
    event.preventDefault();
    setChosen(Math.min(readings.length - 1, Math.max(0, next)));
  };
  const point = (event: PointerEvent<HTMLDivElement>) => {
    const px = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const away = readings.map((entry) => Math.abs(frame.x.at(entry.x) - px));
    if (away.length > 0) setChosen(away.indexOf(Math.min(...away)));
  };
  return (
    <div className="chart" ref={box}>
      <div
        className="chart-area"
        tabIndex={0}
        role="group"
        aria-label={alt}
        aria-describedby={hint}
        onKeyDown={step}
        onPointerMove={point}
        onPointerLeave={() => setChosen(null)}
        onBlur={() => setChosen(null)}
      >
        <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
          <Axes {...props} frame={frame} />
          {children(frame)}
          {reading && (
            <g className="cursor">
              <path d={`M${frame.x.at(reading.x)} ${frame.top}V${frame.bottom}`} />
              {reading.y !== null && <circle cx={frame.x.at(reading.x)} cy={frame.y.at(reading.y)} r="5" />}
            </g>
          )}
        </svg>
      </div>
      <p className="reading" id={hint} aria-live="polite">
        {reading?.words ?? texts.plot.hint}
      </p>
    </div>
  );
}

function Axes({ xTicks, yTicks, xTitle, yTitle, frame }: ChartProps & { readonly frame: Frame }) {
  const { x, y, left, right, top, bottom } = frame;
  return (
    <g className="axes">
      <text className="title" x={0} y={top - 18}>
        {yTitle}
      </text>
      {yTicks.map(({ at, label }) => (
        <g key={at}>
          <path className="grid" d={`M${left} ${y.at(at)}H${right}`} />
          <text x={left - 8} y={y.at(at)} textAnchor="end" dominantBaseline="central">
            {label}
          </text>
        </g>
      ))}
      <path className="base" d={`M${left} ${bottom}H${right}`} />
      {xTicks.map(({ at, label }) => (
        <g key={at}>
          <path className="base" d={`M${x.at(at)} ${bottom}v5`} />
          <text x={x.at(at)} y={bottom + 20} textAnchor="middle">
            {label}
          </text>
        </g>
      ))}
      <text className="title" x={right} y={bottom + 42} textAnchor="end">
        {xTitle}
      </text>
    </g>
  );
}
