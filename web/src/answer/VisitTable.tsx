import { useSpeech } from "../state/language";
import type { VisitCurve } from "./SurvivalPlot";

/** How the risk at each horizon changed from visit to visit. */
export function VisitTable({ curves }: { readonly curves: readonly VisitCurve[] }) {
  const { texts, formats } = useSpeech();
  const words = texts.survival;
  const latest = curves.at(-1)?.view;
  if (latest === undefined) return null;
  return (
    <section>
      <h3>{words.table}</h3>
      <div className="scroll-x" tabIndex={0} role="region" aria-label={words.table}>
        <table className="measures">
          <thead>
            <tr>
              <th scope="col">{texts.events.visits}</th>
              <th scope="col">{words.sinceFirst(formats.unit(latest.unit))}</th>
              {latest.risks.map(({ horizon }) => (
                <th scope="col" key={horizon}>
                  {words.riskAt(formats.quantity(horizon, latest.unit))}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {curves.map(({ visit, origin, view }) => (
              <tr key={visit}>
                <th scope="row">{texts.events.visit(visit)}</th>
                <td>{formats.quantity(origin, null)}</td>
                {latest.risks.map(({ horizon }) => {
                  const found = view.risks.find((risk) => risk.horizon === horizon);
                  return (
                    <td key={horizon}>
                      {found?.risk === null || found === undefined ? words.unknown : formats.probability(found.risk)}
                      {found?.interval && <span className="aside"> ({formats.probabilityRange(found.interval[0], found.interval[1])})</span>}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
