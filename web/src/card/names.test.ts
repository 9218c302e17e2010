import { expect, test } from "vitest";
import { formatsFor } from "../format/formats";
import { en } from "../texts/en";
import { zh } from "../texts/zh";
import { isShare, measureName } from "./names";

const english = formatsFor("en");

test("a measure at a horizon names the time in the question's unit", () => {
  expect(measureName("brier_12", en, english, "mo")).toBe("Brier score at 12 months");
  expect(measureName("auroc_1.5", zh, formatsFor("zh"), "a")).toBe("AUROC（1.5 年）");
});

test("a measure in the quantity's unit says so, and no other does", () => {
  expect(measureName("mae", en, english, "mg/wk")).toBe("Mean absolute error (mg/week)");
  expect(measureName("mae", en, english, "1")).toBe("Mean absolute error");
  expect(measureName("c_index", en, english, "mo")).toBe("C-index (Harrell)");
});

test("an unknown name is shown as it is", () => {
  for (const name of ["novel", "novel_12", "event1x"]) expect(measureName(name, en, english, "mo")).toBe(name);
});

test("only shares are drawn from 0 to 1", () => {
  const measure = (name: string, value: number, high: number) =>
    ({ name, value, interval: { low: 0.1, high, level: 0.95 }, samples: 10, subgroup: null }) as const;
  expect(isShare(measure("auroc", 0.8, 0.9))).toBe(true);
  expect(isShare(measure("mae", 0.8, 0.9))).toBe(false);
  expect(isShare(measure("novel", 0.8, 1.9))).toBe(false);
  expect(isShare({ name: "auroc", value: null, interval: null, samples: 3, subgroup: null })).toBe(true);
});
