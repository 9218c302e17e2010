/** One job at a time: handed in, watched, stopped, answered. Which one is in the address, so a reload finds it again. */

import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import type { PredictionView } from "../api/answers";
import { cancelJob, type Job, readResult, submitJob, watchJob } from "../api/jobs";
import { Problem, problemOf } from "../api/problem";
import type { Sample } from "../api/types";
import { goTo, useAddress } from "../state/address";
import { useAskForKey, withKey } from "../state/asking";

export type JobStatus =
  | { readonly state: "idle" }
  | { readonly state: "submitting" }
  | { readonly state: "watching"; readonly job: Job; readonly heard: number }
  | { readonly state: "ended"; readonly job: Job; readonly answer: PredictionView | null }
  | { readonly state: "failed"; readonly error: unknown; readonly job: Job | null };

export interface JobControls {
  readonly status: JobStatus;
  readonly submit: (sample: Sample) => void;
  readonly cancel: () => void;
  readonly cancelling: boolean;
  readonly retry: () => void;
}

export function useJob(service: string): JobControls {
  const { job: id } = useAddress();
  const [status, setStatus] = useState<JobStatus>({ state: "idle" });
  const [cancelling, setCancelling] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const running = useRef<AbortController | null>(null);
  const askForKey = useAskForKey();
  const queries = useQueryClient();
  const refreshList = useCallback(() => void queries.invalidateQueries({ queryKey: ["jobs", service] }), [queries, service]);

  useEffect(() => {
    setCancelling(false);
    if (id === null) {
      setStatus((before) => (before.state === "submitting" || before.state === "failed" ? before : { state: "idle" }));
      return;
    }
    const controller = new AbortController();
    const { signal } = controller;
    const tell = (job: Job) => {
      if (!signal.aborted) setStatus({ state: "watching", job, heard: Date.now() });
    };
    const follow = async () => {
      try {
        const job = await withKey(() => watchJob(id, tell, signal), askForKey);
        const ended = job.state === "failed" ? { state: "failed", error: errorOf(job), job } as const : null;
        const answer = job.result_url !== null || job.state === "done" ? await readAnswer(job, signal) : null;
        if (!signal.aborted) setStatus(ended ?? { state: "ended", job, answer });
      } catch (error) {
        if (!signal.aborted) setStatus({ state: "failed", error, job: null });
      }
      refreshList();
    };
    void follow();
    return () => controller.abort();
  }, [id, askForKey, refreshList, attempt]);
  useEffect(() => () => running.current?.abort(), []);

  const submit = useCallback(
    (sample: Sample) => {
      running.current?.abort();
      const controller = new AbortController();
      running.current = controller;
      const token = newToken();
      goTo({ job: null });
      setStatus({ state: "submitting" });
      const hand = async () => {
        try {
          const job = await withKey(() => submitJob(service, sample, token, controller.signal), askForKey);
          refreshList();
          if (!controller.signal.aborted) goTo({ job: job.id }, "replace");
        } catch (error) {
          if (!controller.signal.aborted) setStatus({ state: "failed", error, job: null });
        }
      };
      void hand();
    },
    [service, askForKey, refreshList],
  );
  const cancel = useCallback(() => {
    if (id === null) return;
    setCancelling(true);
    cancelJob(id, new AbortController().signal).catch((error: unknown) => {
      setCancelling(false);
      setStatus({ state: "failed", error, job: null });
    });
  }, [id]);
  const retry = useCallback(() => setAttempt((before) => before + 1), []);
  return { status, submit, cancel, cancelling, retry };
}

/** The answer of a job that ended well or was stopped with a plan at hand; none where it expired. */
async function readAnswer(job: Job, signal: AbortSignal): Promise<PredictionView | null> {
  if (job.state === "expired") return null;
  try {
    return await readResult(job.id, signal);
  } catch (error) {
    const nothing = error instanceof Problem && [404, 409, 410].includes(error.status);
    if (nothing && job.state !== "done") return null;
    throw error;
  }
}

function errorOf(job: Job): unknown {
  const status = job.error?.["status"];
  return problemOf(job.error ?? {}, typeof status === "number" ? status : 500, job.id);
}

/** Browsers give randomUUID to secure origins only; this works on all. */
function newToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
