/** Every text of the page exists in both languages: a missing one does not compile. */

import type { Language } from "../state/address";
import { en } from "./en";
import { zh } from "./zh";

/** The shape of `en`, with any words in it. */
type Widened<T> = T extends string
  ? string
  : T extends (...args: infer A) => string
    ? (...args: A) => string
    : { readonly [K in keyof T]: Widened<T[K]> };

export type Texts = Widened<typeof en>;

export function textsIn(language: Language): Texts {
  return language === "zh" ? zh : en;
}
