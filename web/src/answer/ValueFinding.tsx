import type { ValueView } from "../api/answers";
import { capitalised } from "../ask/grouping";
import { IntervalRows } from "../plots/IntervalRows";
import { useSpeech } from "../state/language";

/** The quantity with its unit, the interval on an axis, and how often such an interval holds the truth. */
export function ValueFinding({ view }: { readonly view: ValueView }) {
  const { texts, formats, say } = useSpeech();
  const words = texts.value;
  const quantity = capitalised(say(view.quantity));
  const value = formats.brief(view.value, view.unit);
  const range = formats.between(view.interval[0], view.interval[1], view.unit);
  const unit = formats.unit(view.unit);
  return (
    <div className="finding">
      <div className="finding-words">
        <p className="label">{quantity}</p>
        <h3 className="verdict">{value}</h3>
        <p>{words.range(range)}</p>
        <p className="aside">{words.coverage(formats.count(view.coverage * 100), formats.count(100))}</p>
      </div>
      <IntervalRows
        rows={[{ name: "value", title: quantity, value: view.value, interval: view.interval, words: "" }]}
        alt={words.alt(quantity, value, range)}
        axisTitle={unit === "" ? quantity : `${quantity} (${unit})`}
        label={(number) => formats.brief(number, null)}
        tick={(number) => formats.quantity(number, null)}
        fromZero={view.interval[0] >= 0}
      />
    </div>
  );
}
