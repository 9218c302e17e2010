import { describe, expect, test } from "vitest";
import type { TensorSpec } from "../api/types";
import { formatsFor } from "../format/formats";
import { en } from "../texts/en";
import { isBundle, newMoment, parseCsv, readMoments, readTime, toMoments } from "./observations";
import { earlierSamples, visitTimes } from "./visits";

const spec: TensorSpec = {
  name: "events",
  datatype: "FP32",
  shape: [-1, -1, 3],
  title: { en: "observations", zh: "观测" },
  content: "events",
  unit: "h",
  valid_range: null,
  missing: "reject",
  categories: [],
  variables: [
    { name: "HR", title: { en: "heart rate", zh: "心率" }, unit: "/min", valid_range: [0, 300] },
    { name: "pH", title: { en: "pH", zh: "pH" }, unit: "1", valid_range: null },
  ],
};
const formats = formatsFor("en");

describe("lines of CSV", () => {
  test("are read with or without names, with clocks or numbers", () => {
    const wanted = [
      { time: 0.5, variable: "HR", value: 80 },
      { time: 2, variable: "pH", value: 7.41 },
    ];
    expect(parseCsv("0.5,HR,80\n2,pH,7.41\n", spec)).toEqual({ observations: wanted, faults: [] });
    expect(parseCsv("Time,Parameter,Value\r\n00:30,HR,80\r\n02:00,ph,7.41", spec).observations).toEqual(wanted);
    expect(parseCsv("value;time;variable\n80;0.5;HR\n7.41;2;pH", spec).observations).toEqual(wanted);
  });

  test("that cannot be used are told with their number and the reason, and nothing is guessed", () => {
    const { observations, faults } = parseCsv("time,variable,value\n1,Mood,3\n2,HR\n3,HR,fast\n4,HR,81", spec);
    expect(observations).toEqual([{ time: 4, variable: "HR", value: 81 }]);
    expect(faults.map(({ line, why }) => [line, why])).toEqual([[2, "variable"], [3, "columns"], [4, "number"]]);
  });
});

describe("moments", () => {
  const observations = [
    { time: 2, variable: "HR", value: 90 },
    { time: 0, variable: "HR", value: 80 },
    { time: 2, variable: "pH", value: 7.3 },
  ];

  test("say the same as the observations that they were made of, in the order of time", () => {
    for (const grouped of [true, false]) {
      const { observations: read, faults } = readMoments(toMoments(observations, grouped), spec, en, formats);
      expect([...read]).toEqual([observations[1], observations[0], observations[2]]);
      expect(faults.size).toBe(0);
    }
    expect(toMoments(observations, true)).toHaveLength(2);
    expect(toMoments(observations, false)).toHaveLength(3);
  });

  test("with an empty cell say nothing of it, never zero", () => {
    expect(readMoments([newMoment("1", { HR: "", pH: "7.4" })], spec, en, formats).observations).toEqual([
      { time: 1, variable: "pH", value: 7.4 },
    ]);
  });

  test("name what is wrong where it is wrong", () => {
    const late = newMoment("late", { HR: "80" });
    const high = newMoment("1", { HR: "900" });
    const { faults } = readMoments([late, high], spec, en, formats);
    expect(faults.get(`${late.key}:time`)).toBe(en.events.timeFault);
    expect(faults.get(`${high.key}:HR`)).toContain("0 to 300");
  });
});

test("hours and minutes are a time only where hours are counted", () => {
  expect(readTime("01:45", "h")).toBe(1.75);
  expect(readTime("01:45", "mo")).toBeNull();
  expect(readTime("", "h")).toBeNull();
});

test("visits are known one after the other, and the last is not among the earlier ones", () => {
  const sample = {
    age: 50,
    events: [
      { time: 6, variable: "HR", value: 1 },
      { time: 0, variable: "HR", value: 2 },
      { time: 12, variable: "pH", value: 3 },
    ],
  };
  expect(visitTimes(sample, spec)).toEqual([0, 6, 12]);
  const earlier = earlierSamples(sample, spec, 10);
  expect(earlier.map((known) => visitTimes(known, spec))).toEqual([[0], [0, 6]]);
  expect(earlier[0]?.["age"]).toBe(50);
});

test("a Bundle is known by its resource type", () => {
  expect(isBundle('{"resourceType": "Bundle"}')).toBe(true);
  expect(isBundle('{"resourceType": "Patient"}')).toBe(false);
  expect(isBundle("0.5,HR,80")).toBe(false);
});
