import { type KeyboardEvent, memo, type PointerEvent, useEffect, useId, useMemo, useState } from "react";
import type { PlanBar, PlanChart } from "../api/answers";
import { useWidth } from "../elements/useWidth";
import { useSpeech } from "../state/language";
import { LANE, layOut, type PlacedBar } from "./ganttLayout";
import { linear, ticks, type Scale } from "./scales";

const RIGHT = 12;
const COLOURS = 5;
const HEAD = 24;
const TOP = 4;
const LABEL_PX = 6.6;

interface GanttProps {
  readonly chart: PlanChart;
  readonly title: string;
  readonly kindName: (kind: string) => string;
  readonly unitName: string;
}

/** Who occupies what and when: rows with lanes, bars by kind, each entry told on pointing or by arrow keys. */
export function Gantt({ chart, title, kindName, unitName }: GanttProps) {
  const { texts, formats } = useSpeech();
  const [box, width] = useWidth<HTMLDivElement>(720);
  const [chosen, setChosen] = useState<number | null>(null);
  const hint = useId();
  const layout = useMemo(() => layOut(chart), [chart]);
  const longest = Math.max(0, ...chart.rows.map((row) => row.length));
  const left = Math.min(140, Math.max(64, 24 + longest * 7));
  const x = useMemo(() => linear(0, chart.length, left, width - RIGHT), [chart.length, left, width]);
  const words = (bar: PlanBar) =>
    texts.plan.barWords(bar.row, bar.label, kindName(bar.kind), formats.quantity(bar.start, null), formats.quantity(bar.end, null));
  const current = chosen === null ? undefined : layout.bars[chosen];
  const [byKey, setByKey] = useState(false);
  useEffect(() => {
    const area = box.current;
    if (!byKey || current === undefined || area === null) return;
    const above = TOP + current.y - area.scrollTop;
    if (above < 0 || above + LANE > area.clientHeight) area.scrollTop = Math.max(0, TOP + current.y - area.clientHeight / 2);
  }, [byKey, current, box]);
  const step = (event: KeyboardEvent) => {
    const next = nextBar(layout.bars, chosen, event.key);
    if (next === undefined) return;
    event.preventDefault();
    setByKey(true);
    setChosen(next);
  };
  const point = (event: PointerEvent) => {
    const found = event.target instanceof SVGElement ? event.target.closest<SVGElement>("[data-bar]")?.dataset["bar"] : undefined;
    setByKey(false);
    setChosen(found === undefined ? null : Number(found));
  };
  const height = TOP + layout.height + 8;
  const alt = texts.plan.chartAlt(title, formats.count(chart.rows.length), formats.count(layout.bars.length));
  return (
    <div className="gantt">
      <Head chart={chart} x={x} left={left} width={width} unitName={unitName} />
      <div
        className="gantt-area"
        ref={box}
        tabIndex={0}
        role="group"
        aria-label={alt}
        aria-describedby={hint}
        onKeyDown={step}
        onPointerMove={point}
        onPointerLeave={() => setChosen(null)}
      >
        <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
          <Rows chart={chart} x={x} left={left} width={width} />
          <Bars bars={layout.bars} x={x} kinds={layout.kinds} />
          {current && (
            <rect
              className="chosen-bar"
              x={x.at(current.bar.start)}
              y={TOP + current.y - 1}
              width={Math.max(3, x.at(current.bar.end) - x.at(current.bar.start))}
              height={current.height + 2}
            />
          )}
        </svg>
      </div>
      <p className="reading" id={hint} aria-live="polite">
        {current ? words(current.bar) : texts.plot.hint}
      </p>
      {layout.kinds.length > 1 && layout.kinds.length <= COLOURS && (
        <ul className="kinds">
          {layout.kinds.map((kind, index) => (
            <li key={kind} className={`kind-${index % COLOURS}`}>
              {kindName(kind)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface RowsProps {
  readonly chart: PlanChart;
  readonly x: Scale;
  readonly left: number;
  readonly width: number;
}

/** The axis stays in view while the rows are scrolled. */
function Head({ chart, x, width, unitName }: RowsProps & { readonly unitName: string }) {
  return (
    <svg className="gantt-head" width={width} height={HEAD} viewBox={`0 0 ${width} ${HEAD}`} aria-hidden="true">
      <g className="axes">
        <text className="title" x={0} y={16}>
          {unitName}
        </text>
        {ticks(0, chart.length, 14).map((at) => (
          <text key={at} x={x.at(at)} y={16} textAnchor={at === chart.length ? "end" : "middle"}>
            {at}
          </text>
        ))}
      </g>
    </svg>
  );
}

const Rows = memo(function Rows({ chart, x, left, width }: RowsProps) {
  const { rows, height } = useMemo(() => layOut(chart), [chart]);
  return (
    <g className="axes">
      {ticks(0, chart.length, 14).map((at) => (
        <path key={at} className="grid" d={`M${x.at(at)} 0V${TOP + height}`} />
      ))}
      {rows.map((row) => (
        <g key={row.name}>
          <path className="base faint" d={`M0 ${TOP + row.y - 2}H${width - RIGHT}`} />
          <text x={left - 10} y={TOP + row.y + row.height / 2} textAnchor="end" dominantBaseline="central">
            {row.name}
          </text>
        </g>
      ))}
    </g>
  );
});

interface BarsProps {
  readonly bars: readonly PlacedBar[];
  readonly x: Scale;
  readonly kinds: readonly string[];
}

/** A bar's label is written where it fits. */
const Bars = memo(function Bars({ bars, x, kinds }: BarsProps) {
  return (
    <g className="bars">
      {bars.map(({ bar, y, height }, index) => {
        const from = x.at(bar.start);
        const room = x.at(bar.end) - from;
        return (
          <g key={index} data-bar={index} className={`kind-${Math.max(0, kinds.indexOf(bar.kind)) % COLOURS}`}>
            <rect x={from + 0.5} y={TOP + y} width={Math.max(2, room - 1)} height={height} rx={2} />
            {bar.label.length * LABEL_PX + 6 < room && (
              <text x={from + 5} y={TOP + y + height / 2} dominantBaseline="central">
                {bar.label}
              </text>
            )}
          </g>
        );
      })}
    </g>
  );
});

/** Left and right within a row, up and down to the nearest in another row. */
function nextBar(bars: readonly PlacedBar[], chosen: number | null, key: string): number | undefined {
  if (!["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(key) || bars.length === 0) return undefined;
  if (chosen === null || key === "Home") return 0;
  if (key === "End") return bars.length - 1;
  if (key === "ArrowRight") return Math.min(bars.length - 1, chosen + 1);
  if (key === "ArrowLeft") return Math.max(0, chosen - 1);
  const here = bars[chosen];
  if (here === undefined) return 0;
  const wanted = bars
    .map((bar, index) => ({ index, row: bar.row, away: Math.abs(bar.bar.start - here.bar.start) }))
    .filter(({ row }) => (key === "ArrowDown" ? row > here.row : row < here.row))
    .sort((a, b) => Math.abs(a.row - here.row) - Math.abs(b.row - here.row) || a.away - b.away);
  return wanted[0]?.index ?? chosen;
}
