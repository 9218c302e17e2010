import { expect, test } from "vitest";
import type { ServiceDetail, TensorSpec } from "../api/types";
import { curlSnippet, pythonSnippet, tritonSnippet } from "./snippets";

const ORIGIN = "http://127.0.0.1:8080";

function service(content: "image" | "table"): ServiceDetail {
  const title = { en: "radius", zh: "半径" };
  const input: TensorSpec =
    content === "image"
      ? { name: "image", datatype: "UINT8", shape: [-1, -1, -1, 3], title, content: "image", unit: null, valid_range: null, missing: "reject", categories: [] }
      : { name: "radius", datatype: "FP32", shape: [-1], title, content: "scalar", unit: "1", valid_range: null, missing: "abstain", categories: [] };
  const part = { name: "pack.task", content, task: { signature: { inputs: [input], outputs: [] } } };
  return { ...part, example: content === "table" ? { inputs: { radius: 17.989999771118164 } } : {} } as unknown as ServiceDetail;
}

test("a table's call holds the example, to seven digits", () => {
  expect(curlSnippet(service("table"), ORIGIN)).toContain(`-d '{"samples":[{"radius":17.99}]}'`);
  expect(pythonSnippet(service("table"), ORIGIN)).toContain(`"radius": 17.99,`);
  expect(tritonSnippet(service("table"), ORIGIN)).toContain("dtype=np.float32");
});

test("a picture's call sends a file in the shape that the signature names", () => {
  expect(curlSnippet(service("image"), ORIGIN)).toContain("-F image=@picture.png");
  expect(tritonSnippet(service("image"), ORIGIN)).toContain('.convert("RGB"))[None]');
});

test("no call holds a key", () => {
  for (const content of ["image", "table"] as const) {
    for (const write of [curlSnippet, pythonSnippet, tritonSnippet]) {
      expect(write(service(content), ORIGIN)).toContain("SALUS_KEY");
    }
  }
});

test("a secure origin is called securely", () => {
  expect(tritonSnippet(service("table"), "https://salus.example")).toContain('"salus.example", ssl=True');
});

test("a series is called with its beginning, and its variables by their index over the inference protocol", () => {
  const events: TensorSpec = {
    name: "events",
    datatype: "FP32",
    shape: [-1, -1, 3],
    title: { en: "observations", zh: "观测" },
    content: "events",
    unit: "h",
    valid_range: null,
    missing: "reject",
    categories: [],
    variables: ["HR", "pH"].map((name) => ({ name, title: { en: name, zh: name }, unit: "1", valid_range: null })),
  };
  const rows = Array.from({ length: 9 }, (_, time) => ({ time, variable: "pH", value: 7.400000095 }));
  const parts = { name: "pack.task", content: "events", task: { signature: { inputs: [events], outputs: [{ name: "probabilities" }] } } };
  const asked = { ...parts, example: { inputs: { events: rows } } } as unknown as ServiceDetail;
  expect(curlSnippet(asked, ORIGIN)).toContain('"events":[{"time":0,"variable":"pH","value":7.4},');
  expect(pythonSnippet(asked, ORIGIN).match(/"variable"/g)).toHaveLength(4);
  expect(tritonSnippet(asked, ORIGIN)).toContain("[0, 1, 7.4],  # pH");
});

test("a plan is called as a job", () => {
  const planner = { name: "pack.plan", content: "document", task: { signature: { inputs: [], outputs: [] } }, example: {} };
  const asked = planner as unknown as ServiceDetail;
  expect(curlSnippet(asked, ORIGIN)).toContain("/api/v1/services/pack.plan/jobs");
  expect(pythonSnippet(asked, ORIGIN)).toContain('submit_job("pack.plan"');
});
