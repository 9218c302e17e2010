/** The public API over `fetch`: no route, no header and no right that any other caller does not have. */

import { readKey } from "../state/key";
import type { PredictionView } from "./answers";
import { readProblem, unreachable } from "./problem";
import type { Sample, ServiceDetail, ServiceSummary } from "./types";

export const ROOT = "/api/v1";

/** `earlier`: the same sample as it was known before, for the course of the answer. */
export type Question =
  | { readonly content: "image"; readonly files: readonly File[] }
  | { readonly content: "sample"; readonly sample: Sample; readonly earlier?: readonly Sample[] }
  | { readonly content: "bundle"; readonly bundle: string };

export async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw unreachable();
  }
  if (!response.ok) throw await readProblem(response);
  return response;
}

export function headers(): Record<string, string> {
  const key = readKey();
  return key === null ? {} : { Authorization: `Bearer ${key}` };
}

export async function getJson<T>(path: string, signal: AbortSignal): Promise<T> {
  const response = await send(path, { headers: headers(), signal });
  return (await response.json()) as T;
}

export async function listServices(signal: AbortSignal): Promise<readonly ServiceSummary[]> {
  return (await getJson<{ services: readonly ServiceSummary[] }>(`${ROOT}/services`, signal)).services;
}

export function describeService(name: string, signal: AbortSignal): Promise<ServiceDetail> {
  return getJson<ServiceDetail>(`${ROOT}/services/${encodeURIComponent(name)}`, signal);
}

export function cardAddress(name: string, language: string): string {
  return `${ROOT}/services/${encodeURIComponent(name)}/card?language=${language}`;
}

function postJson(path: string, body: unknown, signal: AbortSignal): Promise<Response> {
  const type = { "Content-Type": "application/json" };
  return send(path, { method: "POST", headers: { ...headers(), ...type }, body: JSON.stringify(body), signal });
}

/** Asks for the answer with its reasons; of what was known earlier, for the answer alone. */
export async function explain(name: string, question: Question, signal: AbortSignal): Promise<PredictionView> {
  const service = `${ROOT}/services/${encodeURIComponent(name)}`;
  let reply: Promise<Response>;
  if (question.content === "image") {
    const form = new FormData();
    for (const file of question.files) form.append("image", file, file.name);
    reply = send(`${service}/explanations`, { method: "POST", headers: headers(), body: form, signal });
  } else if (question.content === "bundle") {
    const type = { "Content-Type": "application/fhir+json" };
    reply = send(`${service}/predictions`, { method: "POST", headers: { ...headers(), ...type }, body: question.bundle, signal });
  } else {
    reply = postJson(`${service}/explanations`, { samples: [question.sample] }, signal);
    const earlier = question.earlier ?? [];
    if (earlier.length > 0) {
      const before = postJson(`${service}/predictions`, { samples: earlier }, signal);
      const [now, then] = await Promise.all([reply, before]);
      const answer = (await now.json()) as PredictionView;
      return { ...answer, earlier: ((await then.json()) as PredictionView).samples };
    }
  }
  return (await (await reply).json()) as PredictionView;
}

/** The example picture, as a file that can be sent like one of the reader's own. */
export async function fetchExample(url: string, signal: AbortSignal): Promise<File> {
  const response = await send(url, { headers: headers(), signal });
  return new File([await response.blob()], "example.png", { type: "image/png" });
}
