import type { CSSProperties } from "react";
import type { LocalizedText } from "../api/types";
import { capitalised } from "../ask/grouping";
import { useSpeech } from "../state/language";

interface CostBarsProps {
  readonly costs: Readonly<Record<string, number>>;
  readonly terms: readonly { readonly name: string; readonly title: LocalizedText }[];
}

/** What each soft constraint costs, dearest first; those that cost nothing stand at the end. */
export function CostBars({ costs, terms }: CostBarsProps) {
  const { texts, formats, say } = useSpeech();
  const entries = Object.entries(costs).sort(([, a], [, b]) => b - a);
  const largest = Math.max(1e-9, ...entries.map(([, cost]) => cost));
  const total = entries.reduce((sum, [, cost]) => sum + cost, 0);
  const titleOf = (name: string) => {
    const term = terms.find((candidate) => candidate.name === name);
    return term ? capitalised(say(term.title)) : name;
  };
  return (
    <section>
      <h3>{texts.plan.byConstraint}</h3>
      <table className="cost-bars">
        <thead className="visually-hidden">
          <tr>
            <th scope="col">{texts.plan.byConstraint}</th>
            <th scope="col">{texts.plan.cost}</th>
            <th scope="col">{texts.plan.share}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map(([name, cost]) => (
            <tr key={name}>
              <th scope="row">{titleOf(name)}</th>
              <td className="number">{formats.quantity(cost, null)}</td>
              <td className="drawn">
                <span className="cost-bar" style={{ "--length": cost / largest } as CSSProperties} aria-hidden="true" />
                <span className="visually-hidden">{formats.percent(total > 0 ? cost / total : 0)}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
