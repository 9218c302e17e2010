import { useId } from "react";
import type { ChoiceView, OptionView } from "../api/answers";
import { capitalised } from "../ask/grouping";
import { Tag } from "../elements/Tag";
import { useSpeech } from "../state/language";

interface OptionCardProps {
  readonly option: OptionView;
  readonly view: ChoiceView;
  /** 0 is best; below 0 it was not compared. */
  readonly place: number;
  readonly reference: OptionView | undefined;
  readonly overlapping: boolean;
}

/** One option: what is expected under it, against what, resting on how many, and why not. */
export function OptionCard({ option, view, place, reference, overlapping }: OptionCardProps) {
  const { texts, formats, say } = useSpeech();
  const words = texts.choice;
  const heading = useId();
  const taken = option.contraindications.length > 0;
  const isReference = option.option === reference?.option;
  const figure = (value: number) => formats.brief(value, view.unit);
  return (
    <li className={taken ? "option taken" : place === 0 ? "option best" : "option"} aria-labelledby={heading}>
      <header>
        <h4 id={heading}>{capitalised(say(option.title))}</h4>
        {place >= 0 && <Tag>{words.ranked(place + 1)}</Tag>}
        {isReference && <Tag>{words.reference}</Tag>}
      </header>
      {option.contraindications.map((rule) => (
        <div className="contraindication" key={rule.name}>
          <strong>{words.contraindicated}</strong>
          <p>{say(rule.reason)}</p>
          <p className="aside">{formats.labelled(words.source, rule.source)}</p>
        </div>
      ))}
      {option.outcome === null ? (
        !taken && (
          <div>
            <p className="outcome none">{words.noEstimate}</p>
            {!overlapping && <p className="aside">{words.noOverlap}</p>}
          </div>
        )
      ) : (
        <div>
          <p className="label">{words.expected}</p>
          <p className="outcome">{figure(option.outcome)}</p>
          {option.interval && (
            <p className="aside">{words.effectRange(formats.between(option.interval[0], option.interval[1], view.unit))}</p>
          )}
        </div>
      )}
      {isReference && option.outcome !== null && <p>{words.isReference}</p>}
      {!isReference && option.effect !== null && reference && (
        <div>
          <p>{words.effect(formats.change(option.effect, view.unit), say(reference.title))}</p>
          {option.effect_interval && (
            <p className="aside">
              {words.effectRange(formats.between(option.effect_interval[0], option.effect_interval[1], view.unit))}
            </p>
          )}
        </div>
      )}
      {option.propensity !== null && (
        <div className="rests">
          <p className="label">{words.restsOn}</p>
          <p>
            {option.propensity < 0.005
              ? words.propensityFew(formats.count(100))
              : words.propensity(formats.count(option.propensity * 100), formats.count(100))}
          </p>
        </div>
      )}
    </li>
  );
}
