/** A coarse map of evidence, stretched over a picture. The numbers are interpolated, not the colours. */

import type { Heatmap } from "../api/answers";
import { viridis } from "./colormap";

/** Catmull and Rom's cubic through four neighbours, `rest` (0 to 1) of the way from the second to the third. */
function cubic(a: number, b: number, c: number, d: number, rest: number): number {
  return b + 0.5 * rest * (c - a + rest * (2 * a - 5 * b + 4 * c - d + rest * (3 * (b - c) + d - a)));
}

/** `line` stretched to `length` points; cells keep their centres, the ends repeat, values stay within 0 to 1. */
export function stretch(line: readonly number[], length: number): number[] {
  const cell = (index: number) => line[Math.min(line.length - 1, Math.max(0, index))] ?? 0;
  return Array.from({ length }, (_, at) => {
    const position = ((at + 0.5) / length) * line.length - 0.5;
    const left = Math.floor(position);
    const value = cubic(cell(left - 1), cell(left), cell(left + 1), cell(left + 2), position - left);
    return Math.min(1, Math.max(0, value));
  });
}

/** The map on a grid of `height` rows of `width`: rows first, then columns. */
export function resize(map: Heatmap, width: number, height: number): readonly (readonly number[])[] {
  const wide = map.values.map((line) => stretch(line, width));
  const columns = Array.from({ length: width }, (_, x) => stretch(wide.map((line) => line[x] ?? 0), height));
  return Array.from({ length: height }, (_, y) => columns.map((column) => column[y] ?? 0));
}

/** How strongly a value covers the picture: nothing where there is no evidence, fully from a third on. */
export function cover(value: number): number {
  return Math.min(1, Math.max(0, value) * 3);
}

/** Red, green, blue and alpha of each pixel, row by row. */
export function paintHeatmap(map: Heatmap, width: number, height: number): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(width * height * 4);
  resize(map, width, height).forEach((line, y) => {
    line.forEach((value, x) => {
      const [red, green, blue] = viridis(value);
      pixels.set([red, green, blue, 255 * cover(value)], (y * width + x) * 4);
    });
  });
  return pixels;
}

/** Row and column, each 0, 1 or 2, of the third of the picture in which the evidence is strongest. */
export function strongestThird(map: Heatmap): readonly [row: number, column: number] {
  let best = -Infinity;
  let place: readonly [number, number] = [1, 1];
  map.values.forEach((line, row) => {
    line.forEach((value, column) => {
      if (value <= best) return;
      best = value;
      const third = (index: number, length: number) => Math.min(2, Math.floor(((index + 0.5) / length) * 3));
      place = [third(row, map.height), third(column, map.width)];
    });
  });
  return place;
}
