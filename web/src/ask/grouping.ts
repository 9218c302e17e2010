/**
 * Thirty fields must not look like thirty fields. Where titles have the form "radius, worst", what stands after the
 * last comma is a column and what stands before it a row; where that gives a full table, the form is that table.
 */

import type { TensorSpec } from "../api/types";
import type { Language } from "../state/address";

export interface FieldRow {
  readonly title: string;
  readonly cells: readonly TensorSpec[];
}

export interface FieldMatrix {
  readonly columns: readonly string[];
  readonly rows: readonly FieldRow[];
}

const SMALLEST_MATRIX = 6;

function divide(title: string): readonly [string, string] | null {
  const match = /^(.*)(?:, |，)([^,，]+)$/.exec(title);
  return match?.[1] && match[2] ? [match[1], match[2]] : null;
}

/** The fields as a full table of rows and at least two columns, or null where they do not form one. */
export function findMatrix(specs: readonly TensorSpec[], language: Language): FieldMatrix | null {
  if (specs.length < SMALLEST_MATRIX || specs.some((spec) => spec.content !== "scalar")) return null;
  const columns: string[] = [];
  const rows = new Map<string, Map<string, TensorSpec>>();
  for (const spec of specs) {
    const parts = divide(spec.title[language]);
    if (parts === null) return null;
    const [head, tail] = parts;
    if (!columns.includes(tail)) columns.push(tail);
    const row = rows.get(head) ?? new Map<string, TensorSpec>();
    if (row.has(tail)) return null;
    row.set(tail, spec);
    rows.set(head, row);
  }
  const full = rows.size * columns.length === specs.length;
  if (!full || columns.length < 2 || rows.size < 2) return null;
  return {
    columns: columns.map(capitalised),
    rows: [...rows].map(([title, row]) => ({
      title: capitalised(title),
      cells: columns.flatMap((column) => row.get(column) ?? []),
    })),
  };
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
