import type { ChoiceView, OptionView, SampleAnswer } from "../api/answers";
import { capitalised } from "../ask/grouping";
import { IntervalRows } from "../plots/IntervalRows";
import { useSpeech } from "../state/language";
import { Abstained } from "./Finding";
import { OptionCard } from "./OptionCard";

interface OptionsFindingProps {
  readonly sample: SampleAnswer;
  readonly view: ChoiceView;
}

/** The options side by side, best first, on one axis; what the comparison rests on is part of the answer. */
export function OptionsFinding({ sample, view }: OptionsFindingProps) {
  const { texts, formats, say } = useSpeech();
  const words = texts.choice;
  const options = ranked(view);
  const compared = options.filter((option) => option.outcome !== null);
  const best = view.options.find((option) => option.option === view.ranking[0]);
  const second = compared[1];
  const close = best?.interval && second?.interval ? overlap(best.interval, second.interval) : false;
  const reference = view.options[0];
  const figure = (value: number) => formats.brief(value, view.unit);
  return (
    <>
      <div className="finding alone">
        <div className="finding-words">
          {sample.abstention ? (
            <Abstained message={sample.abstention.message} />
          ) : (
            <>
              <p className="label">
                {formats.labelled(words.label, `${say(view.outcome)}${formats.aside(words.better[view.better])}`)}
              </p>
              <h3 className="verdict">{best ? capitalised(say(best.title)) : words.none}</h3>
              {close && <p>{words.overlap}</p>}
            </>
          )}
          {view.observational && <p className="notice">{words.observational}</p>}
        </div>
      </div>
      <ul className="options">
        {options.map((option) => (
          <OptionCard
            key={option.option}
            option={option}
            view={view}
            place={view.ranking.indexOf(option.option)}
            reference={reference}
            overlapping={sample.abstention?.reason !== "poor_overlap"}
          />
        ))}
      </ul>
      {compared.length > 0 && (
        <IntervalRows
          rows={options.map((option) => ({
            name: option.option,
            title: capitalised(say(option.title)),
            value: option.outcome,
            interval: option.interval,
            words: option.contraindications.length > 0 ? words.contraindicated : words.noEstimate,
          }))}
          alt={words.alt(
            formats.sentences(
              compared.map((option) => {
                const range = option.interval ? formats.between(option.interval[0], option.interval[1], view.unit) : "";
                return `${words.row(say(option.title), figure(option.outcome ?? 0), range)}.`;
              }),
            ),
          )}
          axisTitle={words.axis(say(view.outcome), formats.unit(view.unit))}
          label={(value) => formats.brief(value, null)}
          tick={(value) => formats.quantity(value, null)}
        />
      )}
    </>
  );
}

/** Best first; what was not compared keeps its own order behind. */
function ranked(view: ChoiceView): readonly OptionView[] {
  const place = (option: OptionView) => {
    const found = view.ranking.indexOf(option.option);
    return found < 0 ? view.ranking.length : found;
  };
  return [...view.options].sort((a, b) => place(a) - place(b));
}

function overlap(a: readonly [number, number], b: readonly [number, number]): boolean {
  return a[0] <= b[1] && b[0] <= a[1];
}
