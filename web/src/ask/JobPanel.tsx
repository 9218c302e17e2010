import { type CSSProperties, useEffect, useState } from "react";
import { hasEnded, type Job } from "../api/jobs";
import { useSpeech } from "../state/language";
import { CostChart } from "./CostChart";

const TICK_MS = 250;

interface JobPanelProps {
  readonly job: Job;
  /** When its state was last heard, by this clock; null where it has ended. */
  readonly heard: number | null;
  readonly cancelling: boolean;
  readonly onCancel: () => void;
}

/** How far a job is: time gone and left, the best cost so far and how it fell; and the way to stop it. */
export function JobPanel({ job, heard, cancelling, onCancel }: JobPanelProps) {
  const { texts, formats } = useSpeech();
  const words = texts.plan;
  const progress = job.progress;
  const ended = hasEnded(job);
  const now = useNow(heard !== null && job.state === "running");
  const since = heard === null || job.state !== "running" ? 0 : Math.max(0, (now - heard) / 1000);
  const limit = progress?.limit_s ?? null;
  const elapsed = Math.min((progress?.elapsed_s ?? 0) + since, limit ?? Infinity);
  const share = limit === null || limit <= 0 ? 0 : Math.min(1, elapsed / limit);
  const bound = progress?.bound ?? null;
  const cost = progress?.cost ?? null;
  return (
    <section className={ended ? "job ended" : "job"}>
      <div className="job-head">
        <h2>{words.states[job.state]}</h2>
        <p className="job-times">
          {words.elapsed(formats.duration(elapsed))}
          {!ended && limit !== null && <span className="aside">{words.remaining(formats.duration(limit - elapsed))}</span>}
        </p>
        {!ended && (
          <button type="button" className="quiet" disabled={cancelling} onClick={onCancel}>
            {cancelling ? words.stopping : words.cancel}
          </button>
        )}
      </div>
      {!ended && (
        <div
          className="job-bar"
          role="progressbar"
          aria-label={words.progress}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(share * 100)}
          style={{ "--length": share } as CSSProperties}
        />
      )}
      <dl className="job-facts">
        <div>
          <dt>{words.costSoFar}</dt>
          <dd>{cost === null ? words.noneYet : formats.quantity(cost, null)}</dd>
        </div>
        {bound !== null && (
          <div>
            <dt>{words.bound}</dt>
            <dd>{formats.quantity(bound, null)}</dd>
          </div>
        )}
      </dl>
      {progress !== null && progress.history.length > 0 && (
        <CostChart history={progress.history} bound={bound} until={ended ? progress.elapsed_s : elapsed} limit={ended ? null : limit} />
      )}
      {!ended && <p className="aside">{words.leave}</p>}
    </section>
  );
}

/** The time, again and again while it matters: between two messages the clock goes on. */
function useNow(ticking: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!ticking) return;
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [ticking]);
  return now;
}
