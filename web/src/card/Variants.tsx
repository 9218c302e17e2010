import type { ServiceDetail } from "../api/types";
import { Tag } from "../elements/Tag";
import { useSpeech } from "../state/language";
import { measureName, questionUnit } from "./names";

/** The executable forms of the model, each measured against the first. */
export function Variants({ service }: { readonly service: ServiceDetail }) {
  const { texts, formats } = useSpeech();
  const words = texts.card;
  return (
    <section className="wide">
      <h2>{words.variants}</h2>
      <div className="scroll-x" tabIndex={0} role="region" aria-label={words.variants}>
        <table className="measures">
          <thead>
            <tr>
              <th scope="col">{words.variant}</th>
              <th scope="col">{words.precision}</th>
              <th scope="col">{words.size}</th>
              <th scope="col">{words.difference}</th>
              <th scope="col">{words.loss(measureName(service.variants[0]?.measure ?? "", texts, formats, questionUnit(service.task.question)))}</th>
              <th scope="col">{words.tolerance}</th>
            </tr>
          </thead>
          <tbody>
            {service.variants.map((variant) => (
              <tr key={variant.name}>
                <th scope="row">
                  {variant.name} {variant.name === service.variant && <Tag>{words.running}</Tag>}
                </th>
                <td>{variant.precision}</td>
                <td className="number">{formats.bytes(variant.size)}</td>
                <td className="number">{formats.measure(variant.max_abs_difference)}</td>
                <td className="number">
                  {formats.measure(variant.loss)}
                  <span className="aside">
                    {" "}
                    ({formats.interval({ low: variant.loss_interval[0], high: variant.loss_interval[1], level: 0.95 })})
                  </span>
                </td>
                <td>{variant.within_tolerance ? words.within : words.beyond}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
