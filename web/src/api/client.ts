/** The public API over `fetch`: no route, no header and no right that any other caller does not have. */

import { readKey } from "../state/key";
import type { PredictionView } from "./answers";
import { readProblem, unreachable } from "./problem";
import type { ServiceDetail, ServiceSummary } from "./types";

const ROOT = "/api/v1";

export type Question =
  | { readonly content: "image"; readonly files: readonly File[] }
  | { readonly content: "table"; readonly sample: Readonly<Record<string, number | null>> };

async function send(path: string, init: RequestInit): Promise<Response> {
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

function headers(): Record<string, string> {
  const key = readKey();
  return key === null ? {} : { Authorization: `Bearer ${key}` };
}

async function getJson<T>(path: string, signal: AbortSignal): Promise<T> {
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

/** Asks for the answer with its reasons. */
export async function explain(name: string, question: Question, signal: AbortSignal): Promise<PredictionView> {
  const path = `${ROOT}/services/${encodeURIComponent(name)}/explanations`;
  let init: RequestInit;
  if (question.content === "image") {
    const form = new FormData();
    for (const file of question.files) form.append("image", file, file.name);
    init = { method: "POST", headers: headers(), body: form, signal };
  } else {
    const body = JSON.stringify({ samples: [question.sample] });
    init = { method: "POST", headers: { ...headers(), "Content-Type": "application/json" }, body, signal };
  }
  const response = await send(path, init);
  return (await response.json()) as PredictionView;
}

/** The example picture, as a file that can be sent like one of the reader's own. */
export async function fetchExample(url: string, signal: AbortSignal): Promise<File> {
  const response = await send(url, { headers: headers(), signal });
  return new File([await response.blob()], "example.png", { type: "image/png" });
}
