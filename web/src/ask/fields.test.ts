import { describe, expect, test } from "vitest";
import type { TensorSpec } from "../api/types";
import { formatsFor } from "../format/formats";
import { en } from "../texts/en";
import { findFault, readEntry, readSample, stepEntry, stepOf, writeEntry } from "./fields";

const formats = formatsFor("en");

function spec(change: Partial<TensorSpec> = {}): TensorSpec {
  return {
    name: "radius",
    datatype: "FP32",
    shape: [-1],
    title: { en: "radius", zh: "半径" },
    content: "scalar",
    unit: "{pixel}",
    valid_range: [0, 100],
    missing: "abstain",
    categories: [],
    ...change,
  };
}

describe("an entry", () => {
  test("is a number however it is written", () => {
    expect(readEntry("12.5")).toBe(12.5);
    expect(readEntry(" 12,5 ")).toBe(12.5);
    expect(readEntry("\u22121e-3")).toBe(-0.001);
    expect(readEntry(".5")).toBe(0.5);
  });

  test("that is empty is missing, and one that is no number is never taken for missing", () => {
    expect(readEntry("  ")).toBeNull();
    expect(readEntry("x1")).toBeNaN();
    expect(readEntry("1,000.5")).toBeNaN();
    expect(readEntry("Infinity")).toBeNaN();
  });

  test("survives being written and read", () => {
    expect(writeEntry(Math.fround(0.1184))).toBe("0.1184");
    expect(writeEntry(null)).toBe("");
    expect(readEntry(writeEntry(20000))).toBe(20000);
  });
});

describe("a fault", () => {
  test("is found in what is missing only where the signature rejects it", () => {
    expect(findFault(spec(), "", en, formats)).toBeNull();
    expect(findFault(spec({ missing: "reject" }), "", en, formats)).toBe(en.ask.missing);
  });

  test("names the believable range with its unit", () => {
    expect(findFault(spec(), "101", en, formats)).toContain("0 to 100 px");
    expect(findFault(spec(), "100", en, formats)).toBeNull();
  });

  test("is a fraction where a whole number is needed", () => {
    expect(findFault(spec({ datatype: "INT64" }), "1.5", en, formats)).toBe(en.ask.notWhole);
  });
});

test("a sample says null for what is missing, never zero", () => {
  expect(readSample([spec(), spec({ name: "area" })], { area: "3" })).toEqual({ radius: null, area: 3 });
});

test("an arrow key moves by a step that fits the range and stays inside it", () => {
  expect(stepOf(spec())).toBe(1);
  expect(stepOf(spec({ valid_range: [0, 1] }))).toBeCloseTo(0.01);
  expect(stepEntry(spec(), "99.5", 1)).toBe("100");
  expect(stepEntry(spec(), "", -1)).toBe("0");
  expect(stepEntry(spec(), "x", 1)).toBe("x");
});
