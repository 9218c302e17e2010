import { useId, useState } from "react";
import type { PredictionView } from "../api/answers";
import type { ServiceDetail } from "../api/types";
import { Tag } from "../elements/Tag";
import { useSpeech } from "../state/language";
import { Contributions } from "./Contributions";
import { Finding } from "./Finding";
import { PictureEvidence } from "./PictureEvidence";
import { ProvenanceFacts } from "./ProvenanceFacts";

interface AnswerProps {
  readonly answer: PredictionView;
  readonly service: ServiceDetail;
  readonly stale: boolean;
  readonly active: boolean;
}

/** An answer is never a bare probability: the finding, how sure, the evidence, and where it comes from. */
export function Answer({ answer, service, stale, active }: AnswerProps) {
  const { texts } = useSpeech();
  const [index, setIndex] = useState(0);
  const heading = useId();
  const sample = answer.samples[Math.min(index, answer.samples.length - 1)];
  if (sample === undefined) return null;
  const explanation = sample.explanation ?? null;
  const target = service.task.classes.find((label) => label.name === explanation?.target);
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
      <Finding sample={sample} answer={answer} service={service} />
      {sample.image && (
        <PictureEvidence
          key={index}
          picture={sample.image}
          heatmap={explanation?.heatmap ?? null}
          target={target?.title ?? null}
          active={active}
        />
      )}
      {explanation && explanation.contributions.length > 0 && target && (
        <Contributions explanation={explanation} target={target.title} inputs={service.task.signature.inputs} />
      )}
      <ProvenanceFacts answer={answer} service={service} />
    </section>
  );
}
