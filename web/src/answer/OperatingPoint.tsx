import type { PredictionView } from "../api/answers";
import type { LocalizedText, Measure } from "../api/types";
import { partName, ruleName } from "../card/names";
import { useSpeech } from "../state/language";

interface OperatingPointProps {
  readonly answer: PredictionView;
  readonly title: LocalizedText;
}

/** What the threshold costs: whom it finds and whom it clears, with intervals, and on which data that was measured. */
export function OperatingPoint({ answer, title }: OperatingPointProps) {
  const { texts, formats, say } = useSpeech();
  const point = answer.operating_point;
  if (answer.threshold === null) return null;
  const share = (measure: Measure) => {
    if (measure.value === null) return texts.card.undefined;
    const range = measure.interval ? ` (${formats.percentRange(measure.interval.low, measure.interval.high)})` : "";
    return formats.percent(measure.value) + range;
  };
  return (
    <div className="operating-point">
      <p>
        {formats.sentences([
          texts.answer.calledFrom(say(title), formats.percent(answer.threshold)),
          ...(answer.threshold_rule ? [texts.answer.rule(ruleName(answer.threshold_rule, texts, formats))] : []),
        ])}
      </p>
      {point && (
        <>
          <p className="label">{texts.answer.atThreshold}</p>
          <ul>
            <li>{texts.answer.sensitivity(share(point.sensitivity))}</li>
            <li>{texts.answer.specificity(share(point.specificity))}</li>
          </ul>
          <p className="aside">
            {texts.answer.onPart(partName(point.part, texts), formats.count(point.sensitivity.samples))}
          </p>
        </>
      )}
    </div>
  );
}
