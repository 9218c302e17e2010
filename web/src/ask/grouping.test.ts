import { expect, test } from "vitest";
import type { TensorSpec } from "../api/types";
import { findMatrix } from "./grouping";

function fields(titles: readonly string[]): TensorSpec[] {
  return titles.map((title) => ({
    name: title,
    datatype: "FP32",
    shape: [-1],
    title: { en: title, zh: title.replace(", ", "，") },
    content: "scalar",
    unit: "1",
    valid_range: null,
    missing: "abstain",
    categories: [],
  }));
}

const FULL = ["radius, mean", "area, mean", "radius, worst", "area, worst", "edge (a, b), mean", "edge (a, b), worst"];

test("titles with a common last part become the columns of a table, in both languages", () => {
  for (const language of ["en", "zh"] as const) {
    const matrix = findMatrix(fields(FULL), language);
    expect(matrix?.columns).toEqual(["Mean", "Worst"]);
    expect(matrix?.rows.map((row) => row.cells.length)).toEqual([2, 2, 2]);
  }
  expect(findMatrix(fields(FULL), "en")?.rows[2]?.title).toBe("Edge (a, b)");
});

test("fields that leave a hole in the table form none", () => {
  expect(findMatrix(fields([...FULL, "symmetry, mean"]), "en")).toBeNull();
  expect(findMatrix(fields(["age", "sex", "a", "b", "c", "d"]), "en")).toBeNull();
  expect(findMatrix(fields(FULL.slice(0, 4)), "en")).toBeNull();
});
