import type { PlanView } from "../api/answers";
import type { ServiceDetail } from "../api/types";
import { useSpeech } from "../state/language";
import { CostBars } from "./CostBars";
import { PlanChanges, WhatIfTable } from "./PlanTables";
import { PlanPictures } from "./PlanPictures";

interface PlanFindingProps {
  readonly plan: PlanView;
  readonly service: ServiceDetail;
}

/** A plan with its reckoning: what it costs and why, whether it keeps every constraint, and the plan itself. */
export function PlanFinding({ plan, service }: PlanFindingProps) {
  const { texts, formats, say } = useSpeech();
  const words = texts.plan;
  const broken = Object.entries(plan.violations).filter(([, count]) => count > 0);
  const bound = plan.bound ?? null;
  const question = service.task.question;
  const binding = plan.binding ?? [];
  return (
    <>
      <div className="finding">
        <div className="finding-words">
          <p className="label">{broken.length === 0 ? words.finding : words.infeasible}</p>
          <h3 className="verdict">{formats.labelled(words.total, formats.quantity(plan.cost, null))}</h3>
          {bound !== null && <p>{boundWords(plan.cost, bound, words, formats)}</p>}
          {broken.length === 0 ? (
            <p>{words.noViolations}</p>
          ) : (
            <div className="notice">
              <strong>{words.violations}</strong>
              <ul>
                {broken.map(([name, count]) => (
                  <li key={name}>{words.violation(name, formats.count(count))}</li>
                ))}
              </ul>
            </div>
          )}
          {plan.iterations !== undefined && plan.iterations > 0 && (
            <p className="aside">{words.moves(formats.count(plan.iterations), String(plan.seed ?? 0))}</p>
          )}
          <div className="actions">
            <button type="button" className="primary" onClick={() => download(plan.solution, `${service.name}.solution.json`)}>
              {words.download}
            </button>
          </div>
        </div>
        <CostBars costs={plan.costs} terms={question.kind === "planning" ? question.costs : []} />
      </div>
      {binding.length > 0 && (
        <section>
          <h3>{words.binding}</h3>
          <ol className="binding">
            {binding.map((reason) => (
              <li key={reason.en}>{say(reason)}</li>
            ))}
          </ol>
        </section>
      )}
      <WhatIfTable entries={plan.what_if ?? []} />
      <PlanChanges changes={plan.changes ?? []} />
      <PlanPictures charts={plan.charts ?? []} />
    </>
  );
}

interface BoundWords {
  readonly optimum: string;
  readonly boundIs: (bound: string, gap: string) => string;
}

function boundWords(
  cost: number,
  bound: number,
  words: BoundWords,
  formats: { readonly quantity: (value: number, unit: null) => string; readonly percent: (share: number) => string },
): string {
  if (cost <= bound) return words.optimum;
  return words.boundIs(formats.quantity(bound, null), formats.percent((cost - bound) / cost));
}

/** Hands the document over as a file, as it came. */
function download(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
