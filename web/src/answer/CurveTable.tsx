import type { SurvivalView } from "../api/answers";
import { useSpeech } from "../state/language";

/** The curve in numbers. */
export function CurveTable({ view }: { readonly view: SurvivalView }) {
  const { texts, formats } = useSpeech();
  return (
    <details>
      <summary>{texts.plot.asTable}</summary>
      <div className="scroll-box" tabIndex={0} role="region" aria-label={texts.survival.without}>
        <table className="measures">
          <thead>
            <tr>
              <th scope="col">{texts.plot.axisTime(formats.unit(view.unit))}</th>
              <th scope="col">{texts.survival.without}</th>
              <th scope="col">{texts.plot.interval}</th>
            </tr>
          </thead>
          <tbody>
            {view.times.map((time, index) => {
              const share = view.curve[index] ?? null;
              const band = view.band[index] ?? null;
              return (
                <tr key={time}>
                  <th scope="row">{formats.quantity(time, null)}</th>
                  <td>{share === null ? texts.survival.unknown : formats.probability(share)}</td>
                  <td>{band && formats.probabilityRange(band[0], band[1])}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </details>
  );
}
