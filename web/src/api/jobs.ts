/** Questions that take minutes: handed in, watched, stopped, and their answers fetched. */

import type { PredictionView } from "./answers";
import { getJson, headers, ROOT, send } from "./client";
import { readEvents } from "./eventStream";
import { Problem } from "./problem";
import type { Sample } from "./types";

export type JobState = "queued" | "running" | "done" | "failed" | "cancelled" | "expired";

export interface JobProgress {
  readonly elapsed_s: number;
  readonly limit_s: number | null;
  readonly done: number | null;
  readonly of: number | null;
  readonly cost: number | null;
  readonly bound: number | null;
  readonly history: readonly (readonly [elapsed_s: number, cost: number])[];
}

export interface Job {
  readonly id: string;
  readonly service: string;
  readonly state: JobState;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly expires_at: string | null;
  readonly progress: JobProgress | null;
  readonly error: Readonly<Record<string, unknown>> | null;
  readonly result_url: string | null;
}

const POLL_MS = 1_000;
const MOST_SILENCES = 20;
const ENDED: ReadonlySet<JobState> = new Set(["done", "failed", "cancelled", "expired"]);

export function hasEnded(job: Job): boolean {
  return ENDED.has(job.state);
}

function jobAddress(id: string): string {
  return `${ROOT}/jobs/${encodeURIComponent(id)}`;
}

/** Hands a question in. `token` makes a repeated request the same job. */
export async function submitJob(name: string, sample: Sample, token: string, signal: AbortSignal): Promise<Job> {
  const response = await send(`${ROOT}/services/${encodeURIComponent(name)}/jobs`, {
    method: "POST",
    headers: { ...headers(), "Content-Type": "application/json", "Idempotency-Key": token },
    body: JSON.stringify({ samples: [sample] }),
    signal,
  });
  return (await response.json()) as Job;
}

export function readJob(id: string, signal: AbortSignal): Promise<Job> {
  return getJson<Job>(jobAddress(id), signal);
}

export async function listJobs(service: string, signal: AbortSignal): Promise<readonly Job[]> {
  const page = await getJson<{ readonly jobs: readonly Job[] }>(`${ROOT}/jobs?service=${encodeURIComponent(service)}`, signal);
  return page.jobs;
}

export async function cancelJob(id: string, signal: AbortSignal): Promise<void> {
  await send(`${jobAddress(id)}/cancel`, { method: "POST", headers: headers(), signal });
}

export function readResult(id: string, signal: AbortSignal): Promise<PredictionView> {
  return getJson<PredictionView>(`${jobAddress(id)}/result`, signal);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Tells each state of a job until it has ended: by its stream of events, and by asking where the stream breaks off. */
export async function watchJob(id: string, tell: (job: Job) => void, signal: AbortSignal): Promise<Job> {
  let last = await readJob(id, signal);
  tell(last);
  const hear = (job: Job) => {
    last = job;
    tell(job);
  };
  let streams = true;
  let silences = 0;
  while (!hasEnded(last) && !signal.aborted) {
    if (streams) streams = await listen(id, hear, signal);
    if (hasEnded(last)) break;
    await pause(POLL_MS, signal);
    try {
      hear(await readJob(id, signal));
      silences = 0;
    } catch (error) {
      silences += 1;
      if (!mayReturn(error) || silences > MOST_SILENCES) throw error;
    }
  }
  return last;
}

/** A server that is started anew knows the job still: it is waited for. */
function mayReturn(error: unknown): boolean {
  return error instanceof Problem && (error.status === 0 || error.status >= 500);
}

/**
 * Follows the stream as far as it goes, and says whether it carried anything: servers end long streams, and one that
 * does not stream is asked again and again instead. An EventSource could not send the key.
 */
async function listen(id: string, hear: (job: Job) => void, signal: AbortSignal): Promise<boolean> {
  let carried = false;
  try {
    const accept = { ...headers(), Accept: "text/event-stream" };
    const response = await send(`${jobAddress(id)}/events`, { headers: accept, signal });
    if (response.body === null) return false;
    for await (const event of readEvents(response.body)) {
      hear(JSON.parse(event.data) as Job);
      carried = true;
    }
  } catch (error) {
    if (signal.aborted) throw error;
    // A proxy may forbid streams or cut them.
  }
  return carried;
}
