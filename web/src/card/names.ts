/** The page's words for names that the server writes for machines; an unknown name is shown as it is. */

import type { Formats } from "../format/formats";
import type { Texts } from "../texts/texts";

export function measureName(name: string, texts: Texts): string {
  const known: Readonly<Record<string, string>> = texts.measures;
  return known[name] ?? name;
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
