import { expect, test } from "vitest";
import { convertTime } from "./timeUnits";

test("a year has twelve months, and there and back is the same", () => {
  expect(convertTime(2, "a", "mo")).toBeCloseTo(24);
  expect(convertTime(convertTime(7.3, "wk", "h") ?? 0, "h", "wk")).toBeCloseTo(7.3);
});

test("what is no unit of time is not converted, and the same unit is left alone", () => {
  expect(convertTime(3, "mg", "mo")).toBeNull();
  expect(convertTime(3, "{visit}", "{visit}")).toBe(3);
});
