import type { SurvivalView } from "../api/answers";
import { Chart, type Frame, type Reading } from "../plots/Chart";
import { bandPath, linePath } from "../plots/paths";
import { spread, timeTicks } from "../plots/scales";
import { useSpeech } from "../state/language";
import { CurveTable } from "./CurveTable";

/** A curve and when it begins, in its own unit, after the first visit. */
export interface VisitCurve {
  readonly visit: number;
  readonly origin: number;
  readonly view: SurvivalView;
}

interface SurvivalPlotProps {
  readonly view: SurvivalView;
  readonly curves: readonly VisitCurve[];
}

const LABEL_GAP = 16;
const MOST_LABELS = 6;
const SHARES = [0, 0.25, 0.5, 0.75, 1];

/** The curve with its band, labelled where it ends; what was expected at earlier visits is faint. */
export function SurvivalPlot({ view, curves }: SurvivalPlotProps) {
  const { texts, formats, say } = useSpeech();
  const words = texts.survival;
  const current = curves.at(-1);
  const origin = current?.origin ?? 0;
  const end = Math.max(...curves.map((curve) => curve.origin + (curve.view.times.at(-1) ?? 0)));
  const known = pointsOf(view).filter(isKnown);
  const last = known.at(-1);
  const event = say(view.event);
  const readings: readonly Reading[] = known.map(({ time, share, band }) => ({
    x: origin + time,
    y: share,
    words: words.reading(
      formats.quantity(time, view.unit),
      formats.probability(share),
      band === null ? "" : formats.probabilityRange(band[0], band[1]),
    ),
  }));
  const told = view.risks.flatMap(({ horizon, risk }) =>
    risk === null ? [] : [words.point(formats.quantity(horizon, view.unit), formats.probability(1 - risk))],
  );
  const dynamic = curves.length > 1;
  return (
    <section className="plot">
      <h3>{dynamic ? words.visits : words.curve(event)}</h3>
      {dynamic && <p className="aside">{words.visitsNote}</p>}
      <Chart
        alt={words.alt(event, formats.list(told))}
        xRange={[0, end]}
        yRange={[0, 1]}
        xTicks={timeTicks(end, view.unit, 8).map((at) => ({ at, label: formats.quantity(at, null) }))}
        yTicks={SHARES.map((at) => ({ at, label: formats.percent(at) }))}
        xTitle={dynamic ? words.sinceFirst(formats.unit(view.unit)) : texts.plot.axisTime(formats.unit(view.unit))}
        yTitle={words.without}
        readings={readings}
        labelRoom={dynamic ? 96 : 76}
        height={360}
      >
        {(frame) => (
          <>
            {curves.slice(0, -1).map((curve) => (
              <EarlierCurve key={curve.visit} curve={curve} frame={frame} />
            ))}
            <Band view={view} origin={origin} frame={frame} />
            <path className="line" d={pathOf(view, origin, frame)} />
            {view.median_time !== null && <Median view={view} origin={origin} frame={frame} text={words.median(formats.brief(view.median_time, view.unit))} />}
            {view.risks.map(({ horizon, risk }) =>
              risk === null ? null : (
                <circle className="dot" key={horizon} cx={frame.x.at(origin + horizon)} cy={frame.y.at(1 - risk)} r="4.5" />
              ),
            )}
            {view.last_time !== null && origin + view.last_time <= end + 1e-9 && (
              <LastTime at={frame.x.at(origin + view.last_time)} frame={frame} text={words.lastTime} />
            )}
            {dynamic ? (
              <EndLabels curves={curves} frame={frame} label={words.afterVisit} />
            ) : (
              last && (
                <text className="direct" x={frame.x.at(last.time) + 10} y={frame.y.at(last.share)} dominantBaseline="central">
                  {formats.probability(last.share)}
                </text>
              )
            )}
            {dynamic && curves.map((curve) => <path key={curve.visit} className="visit-mark" d={`M${frame.x.at(curve.origin)} ${frame.bottom}v-9`} />)}
          </>
        )}
      </Chart>
      <CurveTable view={view} />
    </section>
  );
}

interface CurvePoint {
  readonly time: number;
  readonly share: number | null;
  readonly band: readonly [number, number] | null;
}

/** Everyone is without the event at the beginning. */
function pointsOf(view: SurvivalView): readonly CurvePoint[] {
  const told = view.times.map((time, index) => ({ time, share: view.curve[index] ?? null, band: view.band[index] ?? null }));
  return [{ time: 0, share: 1, band: [1, 1] }, ...told];
}

function isKnown(point: CurvePoint): point is CurvePoint & { readonly share: number } {
  return point.share !== null;
}

function pathOf(view: SurvivalView, origin: number, { x, y }: Frame): string {
  return linePath(pointsOf(view).map(({ time, share }) => (share === null ? null : [x.at(origin + time), y.at(share)])));
}

interface PieceProps {
  readonly view: SurvivalView;
  readonly origin: number;
  readonly frame: Frame;
}

function Band({ view, origin, frame: { x, y } }: PieceProps) {
  const points = pointsOf(view).map(({ time, band }) =>
    band === null ? null : { x: x.at(origin + time), low: y.at(band[0]), high: y.at(band[1]) },
  );
  return <path className="band" d={bandPath(points)} />;
}

function EarlierCurve({ curve, frame }: { readonly curve: VisitCurve; readonly frame: Frame }) {
  return <path className="line earlier" d={pathOf(curve.view, curve.origin, frame)} />;
}

function Median({ view, origin, frame, text }: PieceProps & { readonly text: string }) {
  const at = frame.x.at(origin + (view.median_time ?? 0));
  const half = frame.y.at(0.5);
  const rightwards = at < (frame.left + frame.right) / 2;
  return (
    <g className="guide">
      <path d={`M${frame.x.at(origin)} ${half}H${at}V${frame.bottom}`} />
      <text x={rightwards ? at + 8 : at - 8} y={frame.bottom - 14} textAnchor={rightwards ? "start" : "end"}>
        {text}
      </text>
    </g>
  );
}

function LastTime({ at, frame, text }: { readonly at: number; readonly frame: Frame; readonly text: string }) {
  return (
    <g className="guide last-time">
      <path d={`M${at} ${frame.top}V${frame.bottom}`} />
      <text x={at - 6} y={frame.top + 4} textAnchor="end">
        {text}
      </text>
    </g>
  );
}

interface EndLabelsProps {
  readonly curves: readonly VisitCurve[];
  readonly frame: Frame;
  readonly label: (visit: number) => string;
}

/** The visit's number where its curve ends; of many, the first, the last and some between. */
function EndLabels({ curves, frame, label }: EndLabelsProps) {
  const every = Math.ceil(curves.length / MOST_LABELS);
  const shown = curves.filter((_, index) => (curves.length - 1 - index) % every === 0);
  const ends = shown.map(({ view, origin }) => {
    const last = pointsOf(view).filter(isKnown).at(-1);
    return { x: frame.x.at(origin + (last?.time ?? 0)), y: frame.y.at(last?.share ?? 1) };
  });
  const right = Math.max(...ends.map((end) => end.x));
  const places = spread(ends.map((end) => end.y), LABEL_GAP, frame.top, frame.bottom);
  return shown.map((curve, index) => {
    const y = places[index] ?? 0;
    const end = ends[index];
    const now = index === shown.length - 1;
    return (
      <g key={curve.visit}>
        {end && <path className="leader" d={`M${end.x + 3} ${end.y}L${right + 8} ${y}`} />}
        <text className={now ? "direct" : "direct earlier"} x={right + 12} y={y} dominantBaseline="central">
          {label(curve.visit)}
        </text>
      </g>
    );
  });
}
