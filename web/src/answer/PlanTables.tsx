import { useState } from "react";
import type { PlanChange, WhatIf } from "../api/answers";
import { capitalised } from "../ask/grouping";
import { useSpeech } from "../state/language";

const SHOWN = 20;

/** What would be saved if one thing were otherwise, most saving first. */
export function WhatIfTable({ entries }: { readonly entries: readonly WhatIf[] }) {
  const { texts, formats, say } = useSpeech();
  if (entries.length === 0) return null;
  return (
    <section>
      <h3>{texts.plan.whatIf}</h3>
      <table className="measures">
        <thead>
          <tr>
            <th scope="col">{texts.plan.whatIf}</th>
            <th scope="col" className="number">
              {texts.plan.cost}
            </th>
            <th scope="col" className="number">
              {texts.plan.saved}
            </th>
          </tr>
        </thead>
        <tbody>
          {[...entries]
            .sort((a, b) => b.saved - a.saved)
            .map((entry) => (
              <tr key={entry.name}>
                <th scope="row">{capitalised(say(entry.title))}</th>
                <td className="number">{formats.quantity(entry.cost, null)}</td>
                <td className="number">{formats.quantity(entry.saved, null)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </section>
  );
}

/** What a repair moved, and why. */
export function PlanChanges({ changes }: { readonly changes: readonly PlanChange[] }) {
  const { texts, formats, say } = useSpeech();
  const [all, setAll] = useState(false);
  const words = texts.plan;
  if (changes.length === 0) return null;
  const shown = all ? changes : changes.slice(0, SHOWN);
  return (
    <section>
      <h3>{words.changes}</h3>
      <div className="scroll-x" tabIndex={0} role="region" aria-label={words.changes}>
        <table className="measures">
          <thead>
            <tr>
              <th scope="col">{words.subject}</th>
              <th scope="col">{words.before}</th>
              <th scope="col">{words.after}</th>
              <th scope="col">{words.why}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((change, index) => (
              <tr key={index}>
                <th scope="row">{change.subject}</th>
                <td>{change.before}</td>
                <td>{change.after}</td>
                <td className="wrap">{say(change.why)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {changes.length > SHOWN && (
        <button type="button" className="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? texts.contributions.showFewer : words.showRest(formats.count(changes.length))}
        </button>
      )}
    </section>
  );
}
