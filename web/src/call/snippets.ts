/** Calls of one service that can be pasted as they are. The key stays in the environment. */

import type { ServiceDetail } from "../api/types";

export const KEY_LINE = "export SALUS_KEY='…'";

function sampleOf(service: ServiceDetail): Record<string, number | null> {
  const example = service.example.inputs ?? {};
  return Object.fromEntries(
    service.task.signature.inputs.map((spec) => {
      const value = example[spec.name];
      return [spec.name, value === undefined || value === null ? null : Number(value.toPrecision(7))];
    }),
  );
}

function predictions(service: ServiceDetail, origin: string): string {
  return `${origin}/api/v1/services/${service.name}/predictions`;
}

export function curlSnippet(service: ServiceDetail, origin: string): string {
  const head = `curl ${predictions(service, origin)} \\\n  -H "Authorization: Bearer $SALUS_KEY"`;
  if (service.content === "image") return `${head} \\\n  -F image=@picture.png`;
  const body = JSON.stringify({ samples: [sampleOf(service)] });
  return `${head} \\\n  -H "Content-Type: application/json" \\\n  -d '${body}'`;
}

function pythonSample(service: ServiceDetail): string {
  const pairs = Object.entries(sampleOf(service)).map(([name, value]) => `    "${name}": ${value ?? "None"},`);
  return `{\n${pairs.join("\n")}\n}`;
}

export function pythonSnippet(service: ServiceDetail, origin: string): string {
  const table = service.content === "table";
  const question = table ? "samples=[sample]" : `image=Path("picture.png")`;
  return `import os
${table ? "" : "from pathlib import Path\n"}
from salus.client.client import Client

${table ? `sample = ${pythonSample(service)}\n` : ""}with Client("${origin}", key=os.environ["SALUS_KEY"]) as salus:
    answer = salus.predict("${service.name}", ${question})
print(answer.samples[0])`;
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
  const secure = origin.startsWith("https:") ? ", ssl=True" : "";
  const ask = `client = http.InferenceServerClient("${host}"${secure})
answer = client.infer(
    "${service.name}",
    inputs,
    outputs=[http.InferRequestedOutput("probabilities", binary_data=False)],
    headers={"Authorization": "Bearer " + os.environ["SALUS_KEY"]},
)
print(answer.as_numpy("probabilities"))`;
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
