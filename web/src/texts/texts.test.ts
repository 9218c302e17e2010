import { expect, test } from "vitest";
import { en } from "./en";
import { zh } from "./zh";

/** Every text with its path; functions are called with plain arguments. */
function textsOf(value: unknown, path = ""): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value === "function") return [[path, String(value("1", "2", "3", "4"))]];
  return Object.entries(value as object).flatMap(([name, inner]) => textsOf(inner, `${path}.${name}`));
}

test("both languages have the same texts, and none is empty", () => {
  const english = textsOf(en);
  const chinese = textsOf(zh);
  expect(chinese.map(([path]) => path)).toEqual(english.map(([path]) => path));
  for (const [path, text] of [...english, ...chinese]) expect(text.trim(), path).not.toBe("");
});

test("no text shouts", () => {
  for (const [path, text] of [...textsOf(en), ...textsOf(zh)]) expect(text, path).not.toMatch(/[!！]/);
});

test("what is said in Chinese is Chinese, but for names and figures", () => {
  const names = /^\.(measures\.(auroc|auprc|f1|ece|augrc)|call\.curl)$/;
  for (const [path, text] of textsOf(zh)) if (!names.test(path)) expect(text, path).toMatch(/\p{Script=Han}|^[\d –]/u);
});
