import { expect, test } from "vitest";
import type { Heatmap } from "../api/answers";
import { viridis } from "./colormap";
import { paintHeatmap, resize, stretch, strongestThird } from "./heatmap";

const CORNER: Heatmap = { height: 3, width: 3, values: [[0, 0, 0], [0, 0, 0], [0, 0, 1]] };

test("the map's ends are viridis' ends", () => {
  expect(viridis(0)).toEqual([0x44, 0x01, 0x54]);
  expect(viridis(1)).toEqual([0xfd, 0xe7, 0x25]);
  expect(viridis(-1)).toEqual(viridis(0));
});

test("brightness rises with the value all the way", () => {
  const luminance = Array.from({ length: 101 }, (_, index) => {
    const [red, green, blue] = viridis(index / 100);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  });
  luminance.slice(1).forEach((value, index) => expect(value).toBeGreaterThanOrEqual(luminance[index] ?? 0));
});

test("stretching to the same length changes nothing, and never leaves 0 to 1", () => {
  expect(stretch([0, 0.25, 1], 3)).toEqual([0, 0.25, 1]);
  for (const value of stretch([0, 1, 1, 0], 97)) {
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThanOrEqual(1);
  }
});

test("a stretched map keeps its peak where it was", () => {
  const wide = resize(CORNER, 30, 30);
  expect(wide[25]?.[25]).toBeGreaterThan(0.9);
  expect(wide[5]?.[5]).toBe(0);
});

test("what has no evidence stays uncovered", () => {
  const pixels = paintHeatmap(CORNER, 3, 3);
  expect(pixels[3]).toBe(0);
  expect(pixels[8 * 4 + 3]).toBe(255);
});

test("the strongest place is named by thirds", () => {
  expect(strongestThird(CORNER)).toEqual([2, 2]);
  expect(strongestThird({ height: 1, width: 1, values: [[0.4]] })).toEqual([1, 1]);
});
