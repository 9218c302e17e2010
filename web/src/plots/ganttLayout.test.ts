import { expect, test } from "vitest";
import type { PlanChart } from "../api/answers";
import { LANE, layOut } from "./ganttLayout";

const chart: PlanChart = {
  name: "rooms",
  title: { en: "rooms", zh: "病房" },
  unit: "day",
  length: 7,
  rows: ["r0", "r1", "r2"],
  bars: [
    { row: "r1", start: 2, end: 5, label: "b", kind: "elective" },
    { row: "r1", start: 0, end: 3, label: "a", kind: "occupant" },
    { row: "r2", start: 1, end: 2, label: "c", kind: "elective" },
    { row: "nowhere", start: 1, end: 2, label: "d", kind: "elective" },
  ],
};

test("rows lie one below the other, as high as their busiest moment", () => {
  const { rows, height } = layOut(chart);
  expect(rows.map((row) => row.height / LANE)).toEqual([1, 2, 1]);
  rows.slice(1).forEach((row, index) => {
    const above = rows[index];
    expect(row.y).toBeGreaterThanOrEqual((above?.y ?? 0) + (above?.height ?? 0));
  });
  expect(height).toBeGreaterThanOrEqual((rows.at(-1)?.y ?? 0) + LANE);
});

test("every bar lies inside its row, and one of an unknown row nowhere", () => {
  const { rows, bars, kinds } = layOut(chart);
  expect(bars.map(({ bar }) => bar.label)).toEqual(["a", "b", "c"]);
  for (const { bar, row, y, height } of bars) {
    const place = rows[row];
    expect(place?.name).toBe(bar.row);
    expect(y).toBeGreaterThanOrEqual(place?.y ?? Infinity);
    expect(y + height).toBeLessThanOrEqual((place?.y ?? 0) + (place?.height ?? 0));
  }
  expect(kinds).toEqual(["elective", "occupant"]);
});
