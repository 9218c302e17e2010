import { Fragment } from "react";
import type { EvaluationReport, Goal, Measure } from "../api/types";
import { capitalised } from "../ask/grouping";
import { type Axis, AxisEnds, IntervalMark } from "../plots/IntervalMark";
import { useSpeech } from "../state/language";
import { isShare, measureName, partName } from "./names";

const AXIS: Axis = [0, 1];

interface MeasuresProps {
  readonly reports: readonly EvaluationReport[];
  /** That of the question's times or quantities. */
  readonly unit: string | null;
}

/** Every figure with its interval, one column a part of the data; subgroups below. */
export function Measures({ reports, unit }: MeasuresProps) {
  const { texts } = useSpeech();
  const overall = measuresOf(reports, (measure) => measure.subgroup === null);
  const groups = measuresOf(reports, (measure) => measure.subgroup !== null);
  return (
    <>
      <MeasureTable reports={reports} rows={overall} unit={unit} />
      {groups.length > 0 && (
        <>
          <h3>{texts.card.subgroup}</h3>
          <MeasureTable reports={reports} rows={groups} unit={unit} />
        </>
      )}
    </>
  );
}

type Row = readonly [name: string, subgroup: string | null];

function measuresOf(reports: readonly EvaluationReport[], wanted: (measure: Measure) => boolean): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const report of reports) {
    for (const measure of report.measures.filter(wanted)) {
      rows.set(`${measure.name} ${measure.subgroup ?? ""}`, [measure.name, measure.subgroup]);
    }
  }
  return [...rows.values()];
}

function MeasureTable({ reports, rows, unit }: MeasuresProps & { readonly rows: readonly Row[] }) {
  const { texts, formats } = useSpeech();
  return (
    <div className="scroll-x" tabIndex={0} role="region" aria-label={texts.card.measures}>
      <table className="measures">
        <thead>
          <tr>
            <th scope="col">{texts.card.measure}</th>
            {reports.map((report) => (
              <Fragment key={report.part}>
                <th scope="col">
                  {texts.answer.onPart(capitalised(partName(report.part, texts)), formats.count(report.samples))}
                </th>
                <td className="mark">{report.measures.some(isShare) && <AxisEnds axis={AXIS} />}</td>
              </Fragment>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, subgroup]) => (
            <tr key={`${name} ${subgroup ?? ""}`}>
              <th scope="row">
                {measureName(name, texts, formats, unit)}
                {subgroup !== null && <span className="aside"> {subgroup.replace("=", " = ")}</span>}
              </th>
              {reports.map((report) => (
                <MeasureCells
                  key={report.part}
                  measure={report.measures.find((m) => m.name === name && m.subgroup === subgroup)}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MeasureCells({ measure }: { readonly measure: Measure | undefined }) {
  const { texts, formats } = useSpeech();
  if (measure === undefined) return <td colSpan={2} />;
  if (measure.value === null) {
    return (
      <td colSpan={2} className="aside">
        {texts.card.undefined}
      </td>
    );
  }
  return (
    <>
      <td className="number">
        {formats.measure(measure.value)}
        {measure.interval && <span className="aside"> ({formats.interval(measure.interval)})</span>}
      </td>
      <td className="mark">{isShare(measure) && <IntervalMark measure={measure} axis={AXIS} />}</td>
    </>
  );
}

/** What the release gate asks, of the bound of the interval. */
export function Goals({ goals, unit }: { readonly goals: readonly Goal[]; readonly unit: string | null }) {
  const { texts, formats } = useSpeech();
  if (goals.length === 0) return null;
  return (
    <>
      <h3>{texts.card.goals}</h3>
      <ul>
        {goals.map((goal) => (
          <li key={`${goal.measure} ${goal.subgroup ?? ""}`}>
            {formats.labelled(
              measureName(goal.measure, texts, formats, unit) + (goal.subgroup ? ` (${goal.subgroup.replace("=", " = ")})` : ""),
              formats.list([
                ...(goal.at_least === null ? [] : [texts.card.atLeast(formats.measure(goal.at_least))]),
                ...(goal.at_most === null ? [] : [texts.card.atMost(formats.measure(goal.at_most))]),
              ]),
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
