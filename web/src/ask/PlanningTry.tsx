import { useEffect, useRef, useState } from "react";
import type { ServiceDetail } from "../api/types";
import { Answer } from "../answer/Answer";
import { ProblemBox } from "../elements/Problem";
import { useSpeech } from "../state/language";
import { JobPanel } from "./JobPanel";
import { PlanForm } from "./PlanForm";
import { RecentJobs } from "./RecentJobs";
import { useJob } from "./useJob";

interface PlanningTryProps {
  readonly service: ServiceDetail;
  readonly active: boolean;
}

/** What is to be planned, the job while it runs, and the plan. */
export function PlanningTry({ service, active }: PlanningTryProps) {
  const { texts } = useSpeech();
  const words = texts.plan;
  const { status, submit, cancel, cancelling, retry } = useJob(service.name);
  const region = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState(status.state);
  useEffect(() => {
    if (status.state === shown) return;
    setShown(status.state);
    if (status.state === "ended" && shown === "watching") {
      region.current?.focus({ preventScroll: true });
      region.current?.scrollIntoView({ block: "nearest" });
    }
  }, [status.state, shown]);
  const busy = status.state === "submitting" || status.state === "watching";
  return (
    <div className="try">
      <PlanForm service={service} busy={busy} onSubmit={submit} />
      <p className="visually-hidden" role="status">
        {status.state === "watching" && words.states[status.job.state]}
        {status.state === "ended" && words.states[status.job.state]}
      </p>
      <div className="answer-region" ref={region} tabIndex={-1} aria-busy={busy}>
        {status.state === "idle" && (
          <div className="blank quiet-blank">
            <h2>{texts.ask.emptyAnswer}</h2>
            <p>{texts.ask.emptyPlanning}</p>
          </div>
        )}
        {status.state === "submitting" && (
          <div className="working">
            <p>{words.submitting}</p>
            <div className="progress" aria-hidden="true" />
          </div>
        )}
        {status.state === "watching" && <JobPanel job={status.job} heard={status.heard} cancelling={cancelling} onCancel={cancel} />}
        {status.state === "failed" && <ProblemBox error={status.error} onRetry={retry} />}
        {status.state === "ended" && status.answer && (
          <div className="stacked-wide">
            <JobPanel job={status.job} heard={null} cancelling={false} onCancel={cancel} />
            <Answer answer={status.answer} asked={null} service={service} stale={false} active={active} />
          </div>
        )}
        {status.state === "ended" && !status.answer && (
          <div className="blank quiet-blank">
            <h2>{words.states[status.job.state]}</h2>
            <p>{status.job.state === "expired" ? words.expiredWords : words.cancelledWords}</p>
          </div>
        )}
      </div>
      <RecentJobs service={service.name} />
    </div>
  );
}
