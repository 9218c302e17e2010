/** Calls of one service that can be pasted as they are. The key stays in the environment. */

import type { InputValue, Observation, ServiceDetail } from "../api/types";

export const KEY_LINE = "export SALUS_KEY='…'";

const MOST_EVENTS = 4;

/** The example as it can be pasted: numbers to seven digits, of a series its beginning, of a document nothing. */
function sampleOf(service: ServiceDetail): Record<string, InputValue> {
  const example = service.example.inputs ?? {};
  return Object.fromEntries(
    service.task.signature.inputs.map((spec): [string, InputValue] => {
      const value = example[spec.name];
      if (typeof value === "number") return [spec.name, short(value)];
      if (!Array.isArray(value)) return [spec.name, null];
      const events = (value as readonly Observation[]).slice(0, MOST_EVENTS);
      return [spec.name, events.map((entry) => ({ ...entry, time: short(entry.time), value: short(entry.value) }))];
    }),
  );
}

function short(value: number): number {
  return Number(value.toPrecision(7));
}

function plans(service: ServiceDetail): boolean {
  return service.content === "document";
}

function predictions(service: ServiceDetail, origin: string): string {
  return `${origin}/api/v1/services/${service.name}/predictions`;
}

export function curlSnippet(service: ServiceDetail, origin: string): string {
  if (plans(service)) return planSnippet(service, origin);
  const head = `curl ${predictions(service, origin)} \\\n  -H "Authorization: Bearer $SALUS_KEY"`;
  if (service.content === "image") return `${head} \\\n  -F image=@picture.png`;
  const body = JSON.stringify({ samples: [sampleOf(service)] });
  return `${head} \\\n  -H "Content-Type: application/json" \\\n  -d '${body}'`;
}

/** Hands the job in, waits for it as long as it runs, and keeps its result. */
function planSnippet(service: ServiceDetail, origin: string): string {
  const key = '-H "Authorization: Bearer $SALUS_KEY"';
  const jobs = `${origin}/api/v1/jobs`;
  return `job=$(jq '{samples: [{instance: ., previous: "", time_limit_s: 60, seed: 0}]}' instance.json | \\
  curl -s ${origin}/api/v1/services/${service.name}/jobs \\
  ${key} -H "Content-Type: application/json" -d @- | jq -r .id)
curl -sN ${jobs}/$job/events ${key}
curl -s ${jobs}/$job/result ${key} > answer.json`;
}

function pythonSample(service: ServiceDetail): string {
  const pairs = Object.entries(sampleOf(service)).map(([name, value]) => {
    if (!Array.isArray(value)) return `    "${name}": ${typeof value === "number" ? value : "None"},`;
    const rows = (value as readonly Observation[]).map((entry) => `        ${JSON.stringify(entry)},`);
    return [`    "${name}": [`, ...rows, "    ],"].join("\n");
  });
  return `{\n${pairs.join("\n")}\n}`;
}

export function pythonSnippet(service: ServiceDetail, origin: string): string {
  if (plans(service)) return pythonPlan(service, origin);
  const table = service.content !== "image";
  const question = table ? "samples=[sample]" : `image=Path("picture.png")`;
  return `import os
${table ? "" : "from pathlib import Path\n"}
from salus.client.client import Client

${table ? `sample = ${pythonSample(service)}\n` : ""}with Client("${origin}", key=os.environ["SALUS_KEY"]) as salus:
    answer = salus.predict("${service.name}", ${question})
print(answer.samples[0])`;
}

function pythonPlan(service: ServiceDetail, origin: string): string {
  return `import json
import os
from pathlib import Path

from salus.client.client import Client

instance = json.loads(Path("instance.json").read_text())
sample = {"instance": instance, "previous": "", "time_limit_s": 60.0, "seed": 0}
with Client("${origin}", key=os.environ["SALUS_KEY"]) as salus:
    job = salus.submit_job("${service.name}", samples=[sample])
    for known in salus.events(job.id):
        print(known.state, known.progress.cost)
    answer = salus.result(job.id)
print(answer.samples[0].plan.cost)`;
}

const NUMPY: Readonly<Record<string, string>> = {
  BOOL: "bool",
  FP16: "float16",
  FP32: "float32",
  FP64: "float64",
};

function numpyName(datatype: string): string {
  return NUMPY[datatype] ?? datatype.toLowerCase();
}

export function tritonSnippet(service: ServiceDetail, origin: string): string {
  const host = origin.replace(/^https?:\/\//, "");
  const output = service.task.signature.outputs[0]?.name ?? "probabilities";
  const secure = origin.startsWith("https:") ? ", ssl=True" : "";
  const ask = `client = http.InferenceServerClient("${host}"${secure})
answer = client.infer(
    "${service.name}",
    inputs,
    outputs=[http.InferRequestedOutput("${output}", binary_data=False)],
    headers={"Authorization": "Bearer " + os.environ["SALUS_KEY"]},
)
print(answer.as_numpy("${output}"))`;
  const first = service.task.signature.inputs[0];
  if (service.content === "image" && first) {
    const mode = first.shape[3] === 1 ? "L" : "RGB";
    const axis = mode === "L" ? "[None, :, :, None]" : "[None]";
    return `import os
import numpy as np
import tritonclient.http as http
from PIL import Image

picture = np.asarray(Image.open("picture.png").convert("${mode}"))${axis}
inputs = [http.InferInput("${first.name}", picture.shape, "${first.datatype}")]
inputs[0].set_data_from_numpy(picture, binary_data=False)
${ask}`;
  }
  if (service.task.signature.inputs.some((spec) => spec.content === "events")) return tritonEvents(service, ask);
  const types = new Set(service.task.signature.inputs.map((spec) => spec.datatype));
  const datatype = types.size === 1 ? (first?.datatype ?? "FP32") : "FP32";
  return `import os
import numpy as np
import tritonclient.http as http

sample = ${pythonSample(service)}
inputs = []
for name, value in sample.items():
    tensor = http.InferInput(name, [1], "${datatype}")
    tensor.set_data_from_numpy(np.array([value], dtype=np.${numpyName(datatype)}), binary_data=False)
    inputs.append(tensor)
${ask}`;
}

/** Observations travel as rows of time, index of the variable, and value. */
function tritonEvents(service: ServiceDetail, ask: string): string {
  const sample = sampleOf(service);
  const tensors = service.task.signature.inputs.map((spec) => {
    const value = sample[spec.name];
    if (spec.content !== "events") {
      const shown = typeof value === "number" ? value : 'float("nan")';
      return `    "${spec.name}": np.array([${shown}], dtype=np.${numpyName(spec.datatype)}),`;
    }
    const names = (spec.variables ?? []).map((variable) => variable.name);
    const rows = (Array.isArray(value) ? (value as readonly Observation[]) : []).map(
      (entry) => `        [${entry.time}, ${names.indexOf(entry.variable)}, ${entry.value}],  # ${entry.variable}`,
    );
    return [`    "${spec.name}": np.array([[  # time, index of the variable, value`, ...rows, "    ]], dtype=np.float32),"].join("\n");
  });
  const types = Object.fromEntries(service.task.signature.inputs.map((spec) => [spec.name, spec.datatype]));
  return `import os
import numpy as np
import tritonclient.http as http

sample = {
${tensors.join("\n")}
}
datatypes = ${JSON.stringify(types)}
inputs = []
for name, value in sample.items():
    tensor = http.InferInput(name, value.shape, datatypes[name])
    tensor.set_data_from_numpy(value, binary_data=False)
    inputs.append(tensor)
${ask}`;
}
