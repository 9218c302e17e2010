/** An events input as something to write: moments, each with a time and what was observed then. */

import type { Observation, TensorSpec, Variable } from "../api/types";
import type { Formats } from "../format/formats";
import type { Texts } from "../texts/texts";
import { readEntry, writeEntry } from "./fields";

export interface Moment {
  readonly key: number;
  readonly time: string;
  readonly values: Readonly<Record<string, string>>;
}

let lastKey = 0;

export function newMoment(time = "", values: Readonly<Record<string, string>> = {}): Moment {
  lastKey += 1;
  return { key: lastKey, time, values };
}

/** Observations as moments, in the order of time; `grouped` joins those of one time into a visit. */
export function toMoments(observations: readonly Observation[], grouped: boolean): readonly Moment[] {
  const sorted = [...observations].sort((a, b) => a.time - b.time);
  if (!grouped) return sorted.map((entry) => newMoment(writeEntry(entry.time), { [entry.variable]: writeEntry(entry.value) }));
  const visits = new Map<number, Record<string, string>>();
  for (const entry of sorted) {
    const values = visits.get(entry.time) ?? {};
    values[entry.variable] = writeEntry(entry.value);
    visits.set(entry.time, values);
  }
  return [...visits].map(([time, values]) => newMoment(writeEntry(time), values));
}

/** `<key>:time` or `<key>:<variable>` to what is wrong there. */
export type MomentFaults = ReadonlyMap<string, string>;

/** What the moments say, and what cannot be read; an empty cell was not observed. */
export function readMoments(
  moments: readonly Moment[],
  spec: TensorSpec,
  texts: Texts,
  formats: Formats,
): { readonly observations: readonly Observation[]; readonly faults: MomentFaults } {
  const observations: Observation[] = [];
  const faults = new Map<string, string>();
  for (const { key, time, values } of moments) {
    const written = Object.entries(values).filter(([, entry]) => entry.trim() !== "");
    const at = readTime(time, spec.unit);
    if (written.length > 0 && at === null) faults.set(`${key}:time`, texts.events.timeFault);
    for (const [name, entry] of written) {
      const variable = spec.variables?.find((candidate) => candidate.name === name);
      const value = readEntry(entry);
      const fault = variable === undefined || value === null ? texts.ask.notNumber : faultOf(value, variable, texts, formats);
      if (fault !== null) faults.set(`${key}:${name}`, fault);
      else if (at !== null && value !== null) observations.push({ time: at, variable: name, value });
    }
  }
  observations.sort((a, b) => a.time - b.time);
  return { observations, faults };
}

function faultOf(value: number, variable: Variable, texts: Texts, formats: Formats): string | null {
  if (!Number.isFinite(value)) return texts.ask.notNumber;
  const range = variable.valid_range;
  if (range === null || range === undefined || (value >= range[0] && value <= range[1])) return null;
  return texts.ask.outside(formats.quantity(range[0], null), formats.quantity(range[1], variable.unit));
}

/** A number in the input's unit, or hours and minutes where that is hours; null for anything else. */
export function readTime(entry: string, unit: string | null): number | null {
  const clock = /^(\d+):([0-5]\d)$/.exec(entry.trim());
  if (clock !== null && unit === "h") return Number(clock[1]) + Number(clock[2]) / 60;
  const value = readEntry(entry);
  return value === null || !Number.isFinite(value) ? null : value;
}

export interface CsvFault {
  readonly line: number;
  readonly why: "columns" | "variable" | "number";
  readonly name: string;
}

/** Lines of time, variable and value. A first line of names may give another order; what cannot be used is told. */
export function parseCsv(
  text: string,
  spec: TensorSpec,
): { readonly observations: readonly Observation[]; readonly faults: readonly CsvFault[] } {
  const observations: Observation[] = [];
  const faults: CsvFault[] = [];
  const known = new Map((spec.variables ?? []).map((variable) => [variable.name.toLowerCase(), variable.name]));
  let order: readonly [time: number, variable: number, value: number] = [0, 1, 2];
  text.split(/\r\n|\r|\n/).forEach((line, index) => {
    if (line.trim() === "") return;
    const cells = line.split(/[,;\t]/).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
    const names = index === 0 ? columnOrder(cells) : null;
    if (names !== null) {
      order = names;
      return;
    }
    const [time, name, entry] = order.map((column) => cells[column]);
    if (cells.length < 3 || time === undefined || name === undefined || entry === undefined) {
      faults.push({ line: index + 1, why: "columns", name: "" });
      return;
    }
    const variable = known.get(name.toLowerCase());
    const at = readTime(time, spec.unit);
    const value = readEntry(entry);
    if (variable === undefined) faults.push({ line: index + 1, why: "variable", name });
    else if (at === null || value === null || !Number.isFinite(value)) faults.push({ line: index + 1, why: "number", name });
    else observations.push({ time: at, variable, value });
  });
  return { observations, faults };
}

function columnOrder(cells: readonly string[]): readonly [number, number, number] | null {
  const lower = cells.map((cell) => cell.toLowerCase());
  const time = lower.indexOf("time");
  const variable = Math.max(lower.indexOf("variable"), lower.indexOf("parameter"));
  const value = lower.indexOf("value");
  return time >= 0 && variable >= 0 && value >= 0 ? [time, variable, value] : null;
}

/** Whether a text is a FHIR Bundle, which is sent as it is. */
export function isBundle(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && (parsed as Record<string, unknown>)["resourceType"] === "Bundle";
  } catch {
    return false; // Not JSON, so no Bundle; the lines are then read as CSV.
  }
}
