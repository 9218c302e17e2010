import { useCallback, useEffect, useRef, useState } from "react";
import type { ServiceDetail } from "../api/types";
import { Answer } from "../answer/Answer";
import { ProblemBox } from "../elements/Problem";
import { useSpeech } from "../state/language";
import type { Texts } from "../texts/texts";
import { PictureForm } from "./PictureForm";
import { PlanningTry } from "./PlanningTry";
import { SampleForm } from "./SampleForm";
import { useAnswer } from "./useAnswer";
import { Working } from "./Working";

interface TryItProps {
  readonly service: ServiceDetail;
  readonly active: boolean;
}

/** A form made from the task's signature, and the answer below it; a plan is a job. */
export function TryIt({ service, active }: TryItProps) {
  return service.task.question.kind === "planning" ? (
    <PlanningTry service={service} active={active} />
  ) : (
    <AnswerTry service={service} active={active} />
  );
}

function AnswerTry({ service, active }: TryItProps) {
  const { texts } = useSpeech();
  const { asking, ask, again, reset } = useAnswer(service.name);
  const [stale, setStale] = useState(false);
  const region = useRef<HTMLDivElement>(null);
  const changed = useCallback(() => setStale(true), []);
  useEffect(() => {
    if (asking.state === "answered" || asking.state === "failed") {
      region.current?.focus({ preventScroll: true });
      region.current?.scrollIntoView({ block: "nearest" });
    }
    if (asking.state === "working") setStale(false);
  }, [asking.state]);
  const busy = asking.state === "working";
  return (
    <div className="try">
      {service.content === "image" ? (
        <PictureForm service={service} busy={busy} onAsk={ask} />
      ) : (
        <SampleForm service={service} busy={busy} onAsk={ask} onChange={changed} />
      )}
      <p className="visually-hidden" role="status">
        {busy && texts.ask.working}
        {asking.state === "answered" && texts.answer.ready}
      </p>
      <div className="answer-region" ref={region} tabIndex={-1} aria-busy={busy}>
        {asking.state === "idle" && (
          <div className="blank quiet-blank">
            <h2>{texts.ask.emptyAnswer}</h2>
            <p>{blankWords(service, texts)}</p>
          </div>
        )}
        {asking.state === "working" && <Working since={asking.since} onCancel={reset} />}
        {asking.state === "failed" && <ProblemBox error={asking.error} onRetry={again} />}
        {asking.state === "answered" && (
          <Answer answer={asking.answer} asked={asking.asked} service={service} stale={stale} active={active} />
        )}
      </div>
    </div>
  );
}

/** What to do, and what the answer will show. */
export function blankWords(service: ServiceDetail, texts: Texts): string {
  const words = texts.ask;
  switch (service.task.question.kind) {
    case "survival":
      return words.emptySurvival;
    case "treatment":
      return words.emptyTreatment;
    case "regression":
      return words.emptyRegression;
    case "planning":
      return words.emptyPlanning;
    case "classification":
      return service.content === "image" ? words.emptyPicture : words.emptyTable;
  }
}
