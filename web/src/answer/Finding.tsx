import type { ClassProbability, PredictionView, SampleAnswer } from "../api/answers";
import { classesOf, type LocalizedText, type ServiceDetail } from "../api/types";
import { capitalised } from "../ask/grouping";
import { useSpeech } from "../state/language";
import { Frequency } from "./Frequency";
import { OperatingPoint } from "./OperatingPoint";
import { ProbabilityBar } from "./ProbabilityBar";

export interface FindingProps {
  readonly sample: SampleAnswer;
  readonly answer: PredictionView;
  readonly service: ServiceDetail;
}

/** The finding in words, or why there is none; then how probable, and what the threshold costs. */
export function Finding({ sample, answer, service }: FindingProps) {
  const { texts, say } = useSpeech();
  const shown = probabilitiesShown(sample, service);
  return (
    <div className={shown.length > 0 ? "finding" : "finding alone"}>
      <div className="finding-words">
        {sample.abstention ? (
          <Abstained message={sample.abstention.message} />
        ) : (
          <>
            <p className="label">{texts.answer.finding}</p>
            <h3 className="verdict">{sample.decision && capitalised(say(sample.decision.title))}</h3>
            <Frequency sample={sample} service={service} />
            <PredictionSet sample={sample} service={service} />
          </>
        )}
      </div>
      {shown.length > 0 && (
        <div className="finding-figures">
          {shown.map((entry) => (
            <ProbabilityBar key={entry.class} entry={entry} threshold={shown.length === 1 ? answer.threshold : null} />
          ))}
          {shown.length === 1 && shown[0] && <OperatingPoint answer={answer} title={shown[0].title} />}
        </div>
      )}
    </div>
  );
}

/** Of two classes the second is the finding, and says all; of more, each is shown. */
function probabilitiesShown(sample: SampleAnswer, service: ServiceDetail): readonly ClassProbability[] {
  const all = sample.probabilities ?? [];
  const classes = classesOf(service.task);
  const finding = classes.length === 2 ? classes[1] : undefined;
  return finding ? all.filter((entry) => entry.class === finding.name) : all;
}

/** Said only where the set says more than the finding does. */
function PredictionSet({ sample, service }: Omit<FindingProps, "answer">) {
  const { texts, formats, say } = useSpeech();
  const names = sample.prediction_set;
  if (names === null || (names.length === 1 && names[0] === sample.decision?.class)) return null;
  if (names.length === 0) return <p className="aside">{texts.answer.setEmpty}</p>;
  const titles = names.map((name) => {
    const label = classesOf(service.task).find((candidate) => candidate.name === name);
    return label ? say(label.title) : name;
  });
  return <p className="aside">{texts.answer.set(formats.list(titles))}</p>;
}

/** Why there is no answer; that, too, is an answer. */
export function Abstained({ message }: { readonly message: LocalizedText }) {
  const { texts, say } = useSpeech();
  return (
    <>
      <h3 className="verdict">{texts.answer.abstained}</h3>
      <p>
        <strong>{texts.answer.abstainedBecause}</strong> {say(message)}
      </p>
      <p className="aside">{texts.answer.abstainedNext}</p>
    </>
  );
}
