import { useId, useState } from "react";
import type { PredictionView, SampleAnswer } from "../api/answers";
import type { LocalizedText, Sample, ServiceDetail, Task } from "../api/types";
import { Tag } from "../elements/Tag";
import { useSpeech } from "../state/language";
import { Contributions } from "./Contributions";
import { Finding, type FindingProps } from "./Finding";
import { HeatStripEvidence } from "./HeatStripEvidence";
import { OptionsFinding } from "./OptionsFinding";
import { PictureEvidence } from "./PictureEvidence";
import { PlanFinding } from "./PlanFinding";
import { ProvenanceFacts } from "./ProvenanceFacts";
import { RiskCourse } from "./RiskCourse";
import { SurvivalFinding } from "./SurvivalFinding";
import { ValueFinding } from "./ValueFinding";

interface AnswerProps {
  readonly answer: PredictionView;
  readonly service: ServiceDetail;
  /** What was asked, where it came from the form. */
  readonly asked: Sample | null;
  readonly stale: boolean;
  readonly active: boolean;
}

/** An answer is never a bare probability: the finding, how sure, the evidence, and where it comes from. */
export function Answer({ answer, service, asked, stale, active }: AnswerProps) {
  const { texts } = useSpeech();
  const [index, setIndex] = useState(0);
  const heading = useId();
  const sample = answer.samples[Math.min(index, answer.samples.length - 1)];
  if (sample === undefined) return null;
  const explanation = sample.explanation ?? null;
  const target = explanation === null ? null : targetOf(service.task, sample, explanation.target);
  return (
    <section className="answer" aria-labelledby={heading}>
      <header className="answer-head">
        <h2 id={heading}>{texts.answer.title}</h2>
        <p className="status">
          {answer.provenance.demonstration && <Tag attention>{texts.service.demonstration}</Tag>}
          {answer.provenance.reviewed ? texts.answer.reviewed : texts.answer.preliminary}
        </p>
      </header>
      {stale && <p className="notice">{texts.ask.stale}</p>}
      {answer.samples.length > 1 && (
        <div className="switch samples" role="group" aria-label={texts.answer.title}>
          {answer.samples.map((_, at) => (
            <button key={at} type="button" aria-pressed={at === index} onClick={() => setIndex(at)}>
              {texts.answer.sample(at + 1, answer.samples.length)}
            </button>
          ))}
        </div>
      )}
      <FindingByKind sample={sample} answer={answer} service={service} asked={asked} />
      {sample.image && (
        <PictureEvidence
          key={index}
          picture={sample.image}
          heatmap={explanation?.heatmap ?? null}
          target={target}
          active={active}
        />
      )}
      {sample.course && <RiskCourse course={sample.course} answer={answer} service={service} />}
      {explanation?.strip && target && (
        <HeatStripEvidence
          strip={explanation.strip}
          target={target}
          explanation={explanation}
          judged={service.task.question.kind === "classification"}
        />
      )}
      {explanation && explanation.contributions.length > 0 && target && (
        <Contributions explanation={explanation} target={target} task={service.task} />
      )}
      <ProvenanceFacts answer={answer} service={service} />
    </section>
  );
}

/** Each kind of question has its own form of finding. */
function FindingByKind({ asked, ...props }: FindingProps & { readonly asked: Sample | null }) {
  const { sample, service, answer } = props;
  if (sample.survival) return <SurvivalFinding {...props} view={sample.survival} earlier={answer.earlier ?? []} asked={asked} />;
  if (sample.choice) return <OptionsFinding sample={sample} view={sample.choice} />;
  if (sample.value) return <ValueFinding view={sample.value} />;
  if (sample.plan) return <PlanFinding plan={sample.plan} service={service} />;
  return <Finding {...props} />;
}

/** What is explained, in words: the class, the option, the event or the quantity. */
function targetOf(task: Task, sample: SampleAnswer, name: string | null): LocalizedText | null {
  const { question } = task;
  switch (question.kind) {
    case "classification":
      return question.classes.find((label) => label.name === name)?.title ?? null;
    case "treatment":
      return question.options.find((option) => option.name === name)?.title ?? sample.choice?.outcome ?? null;
    case "survival":
      return question.event;
    case "regression":
      return question.quantity;
    case "planning":
      return null;
  }
}
