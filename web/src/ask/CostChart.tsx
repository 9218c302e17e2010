import { Chart } from "../plots/Chart";
import { stepPath } from "../plots/paths";
import { niceDomain, ticks } from "../plots/scales";
import { useSpeech } from "../state/language";

const MOST_READINGS = 400;

interface CostChartProps {
  readonly history: readonly (readonly [elapsed_s: number, cost: number])[];
  readonly bound: number | null;
  readonly until: number;
  /** The end of the time that was given; null where the work has ended. */
  readonly limit: number | null;
}

/** How the cost fell, as steps; a proven bound below it. */
export function CostChart({ history, bound, until, limit }: CostChartProps) {
  const { texts, formats } = useSpeech();
  const words = texts.plan;
  const [first, last] = [history[0], history.at(-1)];
  if (first === undefined || last === undefined) return null;
  const end = Math.max(limit ?? 0, until, last[0], 1);
  const [low, high] = niceDomain([...history.map(([, cost]) => cost), ...(bound === null ? [] : [bound])], 4);
  const every = Math.ceil(history.length / MOST_READINGS);
  const readings = history
    .filter((_, index) => index % every === 0 || index === history.length - 1)
    .map(([time, cost]) => ({
      x: time,
      y: cost,
      words: words.costReading(formats.duration(time), formats.quantity(cost, null)),
    }));
  return (
    <div className="plot">
      <h3>{words.costOverTime}</h3>
      <Chart
        alt={words.costAlt(formats.quantity(first[1], null), formats.quantity(last[1], null), formats.duration(last[0]))}
        xRange={[0, end]}
        yRange={[low, high]}
        xTicks={ticks(0, end, 8).map((at) => ({ at, label: formats.quantity(at, null) }))}
        yTicks={ticks(low, high, 4).map((at) => ({ at, label: formats.quantity(at, null) }))}
        xTitle={words.seconds}
        yTitle={words.cost}
        readings={readings}
        labelRoom={84}
        height={250}
      >
        {({ x, y, left, right }) => (
          <>
            {bound !== null && (
              <g className="guide">
                <path d={`M${left} ${y.at(bound)}H${right}`} />
                <text x={left + 6} y={y.at(bound) - 7}>
                  {words.bound} {formats.quantity(bound, null)}
                </text>
              </g>
            )}
            <path className="line" d={stepPath(history.map(([time, cost]) => [x.at(time), y.at(cost)]), x.at(Math.max(until, last[0])))} />
            <circle className="dot" cx={x.at(Math.max(until, last[0]))} cy={y.at(last[1])} r="4.5" />
            <text className="direct" x={x.at(Math.max(until, last[0])) + 10} y={y.at(last[1])} dominantBaseline="central">
              {formats.quantity(last[1], null)}
            </text>
          </>
        )}
      </Chart>
    </div>
  );
}
