/** A table's signature as a form: what one field accepts, and what it says when it does not. */

import type { TensorSpec } from "../api/types";
import type { Formats } from "../format/formats";
import type { Texts } from "../texts/texts";

export type Entries = Readonly<Record<string, string>>;

const WHOLE = /^U?INT(8|16|32|64)$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Whether the field offers what can be chosen, in place of a number to write. */
export function isChoice(spec: TensorSpec): boolean {
  return spec.content === "category" || spec.datatype === "BOOL";
}

export function isWhole(spec: TensorSpec): boolean {
  return isChoice(spec) || WHOLE.test(spec.datatype);
}

/** A decimal comma is read as a point where it cannot mean anything else. */
function normalised(entry: string): string {
  const text = entry.trim().replace("\u2212", "-");
  return /^[+-]?\d*,\d+$/.test(text) ? text.replace(",", ".") : text;
}

/** The number that was written; null for an empty field; NaN for anything else. */
export function readEntry(entry: string): number | null {
  const text = normalised(entry);
  if (text === "") return null;
  return NUMBER.test(text) ? Number(text) : Number.NaN;
}

/** What is wrong with an entry, in words; null where nothing is. */
export function findFault(spec: TensorSpec, entry: string, texts: Texts, formats: Formats): string | null {
  const value = readEntry(entry);
  if (value === null) {
    if (spec.missing !== "reject") return null;
    return isChoice(spec) ? texts.ask.missingChoice : texts.ask.missing;
  }
  if (!Number.isFinite(value)) return texts.ask.notNumber;
  if (isWhole(spec) && !Number.isInteger(value)) return texts.ask.notWhole;
  const range = spec.valid_range;
  if (range !== null && (value < range[0] || value > range[1])) {
    return texts.ask.outside(formats.quantity(range[0], null), formats.quantity(range[1], spec.unit));
  }
  return null;
}

export function readSample(specs: readonly TensorSpec[], entries: Entries): Record<string, number | null> {
  return Object.fromEntries(specs.map((spec) => [spec.name, readEntry(entries[spec.name] ?? "")]));
}

/** Numbers come from FP32: seven digits say all that they hold. */
export function writeEntry(value: number | null | undefined): string {
  return value === null || value === undefined || Number.isNaN(value) ? "" : String(Number(value.toPrecision(7)));
}

/** How far an arrow key moves: a whole number, or about a thousandth of the range, rounded to a power of ten. */
export function stepOf(spec: TensorSpec): number {
  if (isWhole(spec)) return 1;
  if (spec.valid_range === null) return 0.1;
  const width = spec.valid_range[1] - spec.valid_range[0];
  return width > 0 ? 10 ** (Math.floor(Math.log10(width)) - 2) : 1;
}

/** The entry after an arrow key, kept inside the believable range. */
export function stepEntry(spec: TensorSpec, entry: string, direction: 1 | -1): string {
  const step = stepOf(spec);
  const value = readEntry(entry) ?? spec.valid_range?.[0] ?? 0;
  if (Number.isNaN(value)) return entry;
  const [low, high] = spec.valid_range ?? [-Infinity, Infinity];
  return writeEntry(Math.min(high, Math.max(low, value + direction * step)));
}
