import { expect, test } from "vitest";
import { formatsFor } from "./formats";

const english = formatsFor("en");
const chinese = formatsFor("zh");

test("a probability is never rounded to certainty", () => {
  expect(english.probability(0.99999)).toBe("> 99.9 %".replaceAll(" ", "\u202f"));
  expect(english.probability(1)).toBe(english.probability(0.99999));
  expect(english.probability(0)).toBe("<\u202f0.1\u202f%");
  expect(english.probability(0.968)).toBe("96.8\u202f%");
});

test("a share that was counted may be all", () => {
  expect(english.percent(1)).toBe("100\u202f%");
  expect(english.percentRange(0.881, 1)).toBe("88.1–100\u202f%");
  expect(english.percent(0.42)).toBe("42\u202f%");
});

test("an interval whose ends read alike is written once, and a bound never runs into a dash", () => {
  const thin = (text: string) => text.replaceAll("_", "\u202f");
  expect(english.probabilityRange(0.9995, 1)).toBe(thin(">_99.9_%"));
  expect(english.probabilityRange(0.992, 0.9999)).toBe(thin("99.2 to >_99.9_%"));
  expect(english.probabilityRange(0, 0.031)).toBe(thin("<_0.1 to 3.1_%"));
  expect(chinese.probabilityRange(0.992, 0.9999)).toBe(thin("99.2 至 >_99.9%"));
  expect(english.probabilityRange(0.91, 0.992)).toBe(thin("91.0–99.2_%"));
});

test("Chinese writes the percent sign without a space", () => {
  expect(chinese.percent(0.42)).toBe("42%");
});

test("units are printed, not spelt in code", () => {
  expect(english.quantity(1001, "{pixel}2")).toBe("1,001 px²");
  expect(english.quantity(80, "umol/L")).toBe("80 µmol/L");
  expect(english.quantity(120, "mm[Hg]")).toBe("120 mmHg");
  expect(english.quantity(0.2776, "1")).toBe("0.2776");
  expect(english.quantity(221, "10*3/uL")).toBe("221 10³/µL");
  expect(english.quantity(7.31, "[pH]")).toBe("7.31");
  expect(chinese.quantity(61, "a")).toBe("61 年");
});

test("signs are written out, with a true minus", () => {
  expect(english.signed(1.2)).toBe("+1.20");
  expect(english.signed(-0.5)).toBe("\u22120.50");
  expect(english.signed(-0.001)).toBe("0.00");
});

test("a range across zero is written with a word, so that no dash is taken for a minus", () => {
  expect(english.between(-1.25, 3, "mo")).toBe("\u22121.25 to 3 months");
  expect(english.between(20.1, 47, "mg/wk")).toBe("20.1–47 mg/week");
  expect(chinese.between(-1, 3, "1")).toBe("\u22121 至 3");
  expect(english.interval({ low: -0.002, high: 0.003, level: 0.95 })).toBe("\u22120.002 to 0.003");
});

test("a measure keeps about four figures whatever its size", () => {
  expect([0.8634, 8.554, 42.123, 131.26, 15234.4].map(english.measure)).toEqual(["0.863", "8.554", "42.12", "131.3", "15,234"]);
});

test("seconds are told as a person says them", () => {
  expect([0.4, 42, 60, 200].map(english.duration)).toEqual(["0 s", "42 s", "1 min", "3 min 20 s"]);
  expect(chinese.duration(200)).toBe("3 分钟 20 秒");
});

test("a change has its sign", () => {
  expect(english.change(4.23, "mo")).toBe("+4.23 months");
  expect(english.brief(7.394, "a")).toBe("7.39 years");
  expect(english.change(0, "1")).toBe("0");
  expect(english.change(-0.5, "1")).toBe("\u22120.5");
});
