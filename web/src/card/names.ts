/** The page's words for names that the server writes for machines; an unknown name is shown as it is. */

import type { AskedQuestion, Measure } from "../api/types";
import type { Formats } from "../format/formats";
import type { Texts } from "../texts/texts";

/** Measures in the unit of the quantity; all others are shares or bare numbers. */
const IN_UNIT: ReadonlySet<string> = new Set([
  "mae",
  "rmse",
  "bias",
  "interval_width",
  "outcome_rmse",
  "policy_value",
  "policy_gain",
  "policy_regret",
  "recommended_difference",
  "effect_aipw",
  "sqrt_pehe",
  "ate_error",
]);

/** Bare numbers that are no shares either. */
const COUNTS: ReadonlySet<string> = new Set(["gap", "violations", "cost", "event2"]);

/** Whether a figure lies on the axis from 0 to 1, with its interval; a small error in months does not. */
export function isShare({ name, value, interval }: Measure): boolean {
  const ends = [value, interval?.low, interval?.high].filter((end) => end !== null && end !== undefined);
  return !IN_UNIT.has(name) && !COUNTS.has(name) && ends.every((end) => end >= 0 && end <= 1);
}

/** `brier_12` is the Brier score at 12 of the question's unit; `mae` is told in that unit. */
export function measureName(name: string, texts: Texts, formats?: Formats, unit: string | null = null): string {
  const known: Readonly<Record<string, string>> = texts.measures;
  const exact = known[name];
  if (exact !== undefined) {
    const word = formats?.unit(unit) ?? "";
    return IN_UNIT.has(name) && word !== "" ? texts.measureIn(exact, word) : exact;
  }
  const timed = /^([a-z_]+?)_(\d+(?:\.\d+)?)$/.exec(name);
  const root = timed?.[1] === undefined ? undefined : known[timed[1]];
  if (root === undefined || timed?.[2] === undefined) return name;
  return texts.measureAt(root, formats?.quantity(Number(timed[2]), unit) ?? timed[2]);
}

/** The unit that the question's times or quantities are told in. */
export function questionUnit(question: AskedQuestion): string | null {
  return "unit" in question ? question.unit : null;
}

export function partName(part: string, texts: Texts): string {
  const known: Readonly<Record<string, string>> = texts.parts;
  return known[part] ?? part;
}

/** `youden` and `sensitivity>=0.95`, in words. */
export function ruleName(rule: string, texts: Texts, formats: Formats): string {
  const bound = /^(\w+)>=([\d.]+)$/.exec(rule);
  if (bound?.[1] && bound[2]) {
    return texts.rules.atLeast(measureName(bound[1], texts).toLowerCase(), formats.percent(Number(bound[2])));
  }
  if (rule === "youden" || rule === "accuracy") return texts.rules[rule];
  return rule;
}
