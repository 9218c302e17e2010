import { useMemo, useState } from "react";
import type { PlanChart } from "../api/answers";
import { capitalised } from "../ask/grouping";
import { Gantt } from "../plots/Gantt";
import { HeatGrid } from "../plots/HeatGrid";
import { useSpeech } from "../state/language";

const ROWS_SHOWN = 40;
const BARS_SHOWN = 60;
const LABELS = 14;

/** The plan to look at: who lies and works where and when, and how loaded the staff is. */
export function PlanPictures({ charts }: { readonly charts: readonly PlanChart[] }) {
  return charts.map((chart) =>
    (chart.load ?? []).length > 0 ? <LoadMap key={chart.name} chart={chart} /> : <Timeline key={chart.name} chart={chart} />,
  );
}

function useChartWords(chart: PlanChart) {
  const { texts, say } = useSpeech();
  const units: Readonly<Record<string, string>> = texts.plan.units;
  return { title: capitalised(say(chart.title)), unitName: units[chart.unit] ?? chart.unit };
}

function Timeline({ chart }: { readonly chart: PlanChart }) {
  const { texts, formats } = useSpeech();
  const [all, setAll] = useState(false);
  const { title, unitName } = useChartWords(chart);
  const words = texts.plan;
  const kinds: Readonly<Record<string, string>> = words.kinds;
  const kindName = (kind: string) => kinds[kind] ?? kind;
  const bars = chart.bars ?? [];
  return (
    <section className="plot">
      <h3>{title}</h3>
      <Gantt chart={chart} title={title} kindName={kindName} unitName={unitName} />
      <details>
        <summary>{texts.plot.asTable}</summary>
        <div className="scroll-box" tabIndex={0} role="region" aria-label={title}>
          <table className="measures">
            <thead>
              <tr>
                {[words.row, words.what, words.from, words.to].map((head) => (
                  <th scope="col" key={head}>
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {(all ? bars : bars.slice(0, BARS_SHOWN)).map((bar, index) => (
                <tr key={index}>
                  <th scope="row">{bar.row}</th>
                  <td>
                    {bar.label} <span className="aside">{kindName(bar.kind)}</span>
                  </td>
                  <td>{formats.quantity(bar.start, null)}</td>
                  <td>{formats.quantity(bar.end, null)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {bars.length > BARS_SHOWN && !all && (
            <button type="button" className="quiet" onClick={() => setAll(true)}>
              {words.showRest(formats.count(bars.length))}
            </button>
          )}
        </div>
      </details>
    </section>
  );
}

function LoadMap({ chart }: { readonly chart: PlanChart }) {
  const { texts, formats } = useSpeech();
  const [all, setAll] = useState(false);
  const { title, unitName } = useChartWords(chart);
  const words = texts.plan;
  const load = chart.load ?? [];
  const steps = load[0]?.length ?? 0;
  const every = Math.max(1, Math.ceil(steps / LABELS));
  const columns = useMemo(
    () => Array.from({ length: steps }, (_, index) => formats.count(index)),
    [steps, formats],
  );
  const rows = useMemo(
    () =>
      (all ? chart.rows : chart.rows.slice(0, ROWS_SHOWN)).map((row, at) => ({
        name: row,
        title: row,
        cells: (load[at] ?? []).map((share, index) => {
          const step = words.unitAt(unitName, formats.count(index));
          return {
            share: share > 0 ? Math.min(1, share) : null,
            marked: share > 1 + 1e-9,
            words: words.load(row, step, share > 0 ? formats.percent(share) : words.loadNone),
          };
        }),
      })),
    [chart, load, all, words, unitName, formats],
  );
  return (
    <section className="plot">
      <h3>{title}</h3>
      <p className="diverging-scale">
        <span>0</span>
        <span className="rising-bar" aria-hidden="true" />
        <span>{formats.percent(1)}</span>
        <span className="over-mark" aria-hidden="true" />
        <span>{words.over}</span>
        <span className="aside">{words.loadScale}</span>
      </p>
      <HeatGrid
        caption={title}
        corner={words.row}
        columns={columns}
        labelEvery={every}
        columnTitle={unitName}
        rows={rows}
        hint={texts.plot.hint}
      />
      {chart.rows.length > ROWS_SHOWN && (
        <button type="button" className="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? texts.contributions.showFewer : words.showRest(formats.count(chart.rows.length))}
        </button>
      )}
    </section>
  );
}
