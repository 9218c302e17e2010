import { Problem } from "../api/problem";
import { useSpeech } from "../state/language";

interface ProblemBoxProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
}

/** Whether the same request may succeed later: the caller's mistakes do not mend themselves. */
function mayPass(problem: Problem | null): boolean {
  return problem === null || problem.status === 0 || problem.status >= 500 || [401, 408, 429].includes(problem.status);
}

/** An error: what was expected, what was found, what to do, and an id for support. */
export function ProblemBox({ error, onRetry }: ProblemBoxProps) {
  const { texts } = useSpeech();
  const words = texts.problem;
  const problem = error instanceof Problem ? error : null;
  const offline = problem?.code === "unreachable";
  const found = problem?.found ?? (problem === null ? String(error) : offline ? null : problem.message);
  const facts: readonly (readonly [string, string | null])[] = [
    [words.expected, problem?.expected ?? null],
    [words.found, found],
    [words.remedy, problem?.remedy ?? (offline ? words.unreachableRemedy : words.unknownRemedy)],
    [words.code, offline ? null : (problem?.code ?? null)],
    [words.id, problem?.id ?? null],
  ];
  return (
    <section className="problem" role="alert">
      <h3>{offline ? words.unreachable : words.title}</h3>
      <dl className="facts">
        {facts.map(([label, value]) =>
          value === null ? null : (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
      {onRetry && mayPass(problem) && (
        <button type="button" className="quiet" onClick={onRetry}>
          {words.again}
        </button>
      )}
    </section>
  );
}
