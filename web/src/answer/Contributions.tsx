import { useId, useState } from "react";
import type { Contribution, SampleExplanation } from "../api/answers";
import type { LocalizedText, Task } from "../api/types";
import { capitalised } from "../ask/grouping";
import { SignedBar } from "../plots/SignedBar";
import { useSpeech } from "../state/language";

const SHOWN = 10;

interface ContributionsProps {
  readonly explanation: SampleExplanation;
  readonly target: LocalizedText;
  readonly task: Task;
}

/** What moved the estimate, as a table whose bars are drawn: strongest first, the rest together. */
export function Contributions({ explanation, target, task }: ContributionsProps) {
  const { texts, formats, say } = useSpeech();
  const words = texts.contributions;
  const heading = useId();
  const [all, setAll] = useState(false);
  const ordered = [...explanation.contributions].sort((a, b) => Math.abs(b.amount) - Math.abs(a.amount));
  const shown = all || ordered.length <= SHOWN + 1 ? ordered : ordered.slice(0, SHOWN);
  const rest = ordered.slice(shown.length);
  const restAmount = total(rest);
  const quantity = explanation.quantity ? say(explanation.quantity) : words.quantity;
  const judged = task.question.kind === "classification";
  const valueOf = ({ name, value, unit }: Contribution) => {
    const spec = task.signature.inputs.find((input) => input.name === name);
    if (spec?.content === "events") return words.observed;
    if (value === null) return words.missing;
    const category = spec?.categories[value];
    return category ? say(category) : formats.quantity(value, unit);
  };
  const largest = Math.max(...shown.map((entry) => Math.abs(entry.amount)), Math.abs(restAmount), 1e-9);
  return (
    <section className="contributions" aria-labelledby={heading}>
      <h3 id={heading}>{words.title(say(target))}</h3>
      <table>
        <thead>
          <tr>
            <th scope="col">{words.input}</th>
            <th scope="col" className="number">
              {words.value}
            </th>
            <th scope="col" className="drawn">
              <span className="visually-hidden">{formats.labelled(words.amount, quantity)}</span>
              <span className="directions" aria-hidden="true">
                <span>← {judged ? words.away : words.lowers}</span>
                <span>{judged ? words.towards : words.raises} →</span>
              </span>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((entry) => (
            <tr key={entry.name}>
              <th scope="row">{capitalised(say(entry.title))}</th>
              <td className="number">{valueOf(entry)}</td>
              <td className="drawn">
                <SignedBar amount={entry.amount} largest={largest} label={formats.signed(entry.amount)} />
              </td>
            </tr>
          ))}
          {rest.length > 0 && (
            <tr className="rest">
              <th scope="row" colSpan={2}>
                {words.others(rest.length)}
              </th>
              <td className="drawn">
                <SignedBar amount={restAmount} largest={largest} label={formats.signed(restAmount)} />
              </td>
            </tr>
          )}
        </tbody>
      </table>
      <div className="actions">
        {ordered.length > SHOWN + 1 && (
          <button type="button" className="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? words.showFewer : words.showAll(ordered.length)}
          </button>
        )}
        {explanation.base !== null && explanation.output !== null && (
          <p className="aside">
            {words.sum(formats.signed(explanation.base), formats.signed(total(ordered)), formats.signed(explanation.output), quantity)}
          </p>
        )}
      </div>
    </section>
  );
}

function total(entries: readonly Contribution[]): number {
  return entries.reduce((sum, entry) => sum + entry.amount, 0);
}
