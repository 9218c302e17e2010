/** Where the rows and bars of a Gantt chart lie, in pixels from the top of its first row. */

import type { PlanBar, PlanChart } from "../api/answers";
import { laneOut } from "./lanes";

export const LANE = 17;
const GAP = 6;

export interface PlacedRow {
  readonly name: string;
  readonly y: number;
  readonly height: number;
}

export interface PlacedBar {
  readonly bar: PlanBar;
  readonly row: number;
  readonly y: number;
  readonly height: number;
}

export interface GanttLayout {
  readonly rows: readonly PlacedRow[];
  /** By row, then by start. */
  readonly bars: readonly PlacedBar[];
  readonly kinds: readonly string[];
  readonly height: number;
}

/** Rows one below the other, each as high as its busiest moment needs. Bars of an unknown row are left out. */
export function layOut(chart: PlanChart): GanttLayout {
  const byRow = new Map<string, PlanBar[]>(chart.rows.map((row) => [row, []]));
  for (const bar of chart.bars ?? []) byRow.get(bar.row)?.push(bar);
  const rows: PlacedRow[] = [];
  const bars: PlacedBar[] = [];
  const kinds = new Set<string>();
  let y = 0;
  for (const [name, own] of byRow) {
    const { bars: laned, lanes } = laneOut(own);
    const height = lanes * LANE;
    const row = rows.length;
    rows.push({ name, y, height });
    for (const { bar, lane } of laned) {
      bars.push({ bar, row, y: y + lane * LANE, height: LANE - 2 });
      kinds.add(bar.kind);
    }
    y += height + GAP;
  }
  return { rows, bars, kinds: [...kinds].sort(), height: y };
}
