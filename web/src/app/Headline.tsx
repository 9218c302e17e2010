import type { ServiceSummary } from "../api/types";
import { capitalised } from "../ask/grouping";
import { isShare, measureName, partName } from "../card/names";
import { AxisEnds, axisFor, IntervalMark } from "../plots/IntervalMark";
import { useSpeech } from "../state/language";

/** The few figures that come first, each with its interval, as a table with the intervals drawn. */
export function Headline({ service }: { readonly service: ServiceSummary }) {
  const { texts, formats } = useSpeech();
  const samples = service.headline[0]?.samples;
  if (samples === undefined) return <p className="aside">{texts.service.noMeasures}</p>;
  const shares = service.headline.filter(isShare);
  const axis = axisFor(shares);
  return (
    <table className="headline">
      <thead>
        <tr>
          <th colSpan={3} scope="colgroup">
            {texts.answer.onPart(capitalised(partName(service.headline_part, texts)), formats.count(samples))}
          </th>
          <td className="mark">{shares.length > 0 && <AxisEnds axis={axis} />}</td>
        </tr>
      </thead>
      <tbody>
        {service.headline.map((measure) => (
          <tr key={measure.name}>
            <th scope="row">{measureName(measure.name, texts, formats)}</th>
            <td className="figure">{measure.value === null ? texts.card.undefined : formats.measure(measure.value)}</td>
            <td className="range">{measure.interval && `(${formats.interval(measure.interval)})`}</td>
            <td className="mark">{isShare(measure) && <IntervalMark measure={measure} axis={axis} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
