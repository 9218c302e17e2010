/** Documents to be planned: what a file holds, said briefly. */

import type { Json } from "../api/types";

/** The document that a text holds; undefined where it is no JSON object. */
export function readDocument(text: string): { readonly [name: string]: Json } | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? (parsed as { readonly [name: string]: Json }) : undefined;
  } catch {
    return undefined; // Not JSON at all: the caller says so.
  }
}

const MOST = 8;

/** How many there are of what, and the plain numbers: `days 14, patients 128, rooms 9`. */
export function summarise(document: { readonly [name: string]: Json }): readonly (readonly [name: string, count: number])[] {
  return Object.entries(document)
    .flatMap(([name, value]): (readonly [string, number])[] => {
      if (Array.isArray(value)) return [[name, value.length]];
      return typeof value === "number" ? [[name, value]] : [];
    })
    .slice(0, MOST);
}
