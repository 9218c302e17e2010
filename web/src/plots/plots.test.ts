import { describe, expect, test } from "vitest";
import { laneOut } from "./lanes";
import { luminance, oklab, readHex } from "./oklab";
import { bandPath, linePath, stepPath } from "./paths";
import { linear, niceDomain, niceStep, spread, ticks, timeTicks } from "./scales";

describe("a scale", () => {
  test("puts its ends at the ends and the middle in the middle", () => {
    const x = linear(10, 30, 0, 200);
    expect([10, 20, 30].map(x.at)).toEqual([0, 100, 200]);
    expect(linear(5, 5, 0, 10).at(5)).toBe(5);
  });

  test("steps by 1, 2 or 5 times a power of ten", () => {
    for (const width of [0.03, 0.7, 1, 9, 47, 1234]) {
      const first = Number(niceStep(width, 5).toExponential().charAt(0));
      expect([1, 2, 5]).toContain(first);
      expect(width / niceStep(width, 5)).toBeLessThanOrEqual(5 + 1e-9);
    }
  });

  test("is labelled at round numbers inside it", () => {
    expect(ticks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(ticks(-3, 4, 4)).toEqual([-2, 0, 2, 4]);
    expect(timeTicks(60, "mo", 6)).toEqual([0, 12, 24, 36, 48, 60]);
    expect(timeTicks(48, "h", 8)).toEqual([0, 6, 12, 18, 24, 30, 36, 42, 48]);
    expect(timeTicks(4.5, "a", 5)).toEqual([0, 1, 2, 3, 4]);
  });

  test("holds every value, also where there is one or none", () => {
    for (const values of [[1, 2, 3.3], [-4, 7], [5], [0.001, 0.0012]]) {
      const [from, to] = niceDomain(values, 5);
      expect(from).toBeLessThanOrEqual(Math.min(...values));
      expect(to).toBeGreaterThanOrEqual(Math.max(...values));
      expect(to).toBeGreaterThan(from);
    }
    expect(niceDomain([Number.NaN], 5)).toEqual([0, 1]);
  });
});

describe("labels that are pushed apart", () => {
  test("stay where they are when they have room", () => {
    expect(spread([10, 50, 90], 14, 0, 100)).toEqual([10, 50, 90]);
  });

  test("keep their order and their distance", () => {
    const put = [...spread([50, 52, 51, 99], 14, 0, 100)];
    const sorted = [put[0], put[2], put[1], put[3]] as number[];
    sorted.slice(1).forEach((place, index) => expect(place - (sorted[index] ?? 0)).toBeGreaterThanOrEqual(14 - 1e-9));
    expect(Math.max(...put)).toBeLessThanOrEqual(100);
  });
});

describe("a line", () => {
  test("never bridges what is not known", () => {
    expect(linePath([[0, 0], [1, 1], null, [3, 1], [4, 0]])).toBe("M0 0L1 1M3 1L4 0");
    expect(linePath([null, null])).toBe("");
  });

  test("of steps keeps each value until the next", () => {
    expect(stepPath([[0, 5], [10, 3]], 20)).toBe("M0 5H10V3H20");
    expect(stepPath([], 20)).toBe("");
  });

  test("has a band that is closed for each known stretch", () => {
    const band = [{ x: 0, low: 3, high: 1 }, { x: 2, low: 4, high: 2 }, null, { x: 5, low: 1, high: 0 }];
    expect(bandPath(band)).toBe("M0 1L2 2L2 4L0 3Z");
  });
});

describe("lanes", () => {
  const bars = [
    { start: 0, end: 3 },
    { start: 1, end: 2 },
    { start: 2, end: 5 },
    { start: 3, end: 4 },
  ];

  test("are as few as overlap at once, and no bar touches another in its lane", () => {
    const { bars: placed, lanes } = laneOut(bars);
    const busiest = Math.max(...bars.map((bar) => bars.filter((b) => b.start <= bar.start && bar.start < b.end).length));
    expect(lanes).toBe(busiest);
    for (const a of placed) {
      for (const b of placed) {
        if (a !== b && a.lane === b.lane) expect(a.bar.end <= b.bar.start || b.bar.end <= a.bar.start).toBe(true);
      }
    }
    expect(placed).toHaveLength(bars.length);
  });

  test("of an empty row are one", () => {
    expect(laneOut([]).lanes).toBe(1);
  });
});

test("oklab knows white, black and that grey has no hue", () => {
  expect(oklab([255, 255, 255])[0]).toBeCloseTo(1, 3);
  expect(oklab([0, 0, 0])[0]).toBeCloseTo(0, 6);
  const [, a, b] = oklab([120, 120, 120]);
  expect(Math.hypot(a, b)).toBeLessThan(1e-3);
  expect(luminance(readHex("#ffffff"))).toBeCloseTo(1);
});
