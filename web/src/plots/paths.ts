/** Lines and bands as SVG paths. What is not known is left out: a line never bridges a gap. */

export type Point = readonly [x: number, y: number];

const r = (value: number) => Math.round(value * 100) / 100;

/** A line through the points; null ends a piece, and the next point begins another. */
export function linePath(points: readonly (Point | null)[]): string {
  let path = "";
  let drawing = false;
  for (const point of points) {
    if (point !== null) path += `${drawing ? "L" : "M"}${r(point[0])} ${r(point[1])}`;
    drawing = point !== null;
  }
  return path;
}

/** A line that keeps each value until the next: costs that were reached. */
export function stepPath(points: readonly Point[], until: number): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  return `M${r(first[0])} ${r(first[1])}${rest.map(([x, y]) => `H${r(x)}V${r(y)}`).join("")}H${r(until)}`;
}

export interface BandPoint {
  readonly x: number;
  readonly low: number;
  readonly high: number;
}

/** The area between two lines, a closed piece for each stretch that is known. */
export function bandPath(points: readonly (BandPoint | null)[]): string {
  let path = "";
  let piece: BandPoint[] = [];
  const close = () => {
    if (piece.length > 1) {
      const there = piece.map((point) => `${r(point.x)} ${r(point.high)}`).join("L");
      const back = [...piece].reverse().map((point) => `${r(point.x)} ${r(point.low)}`).join("L");
      path += `M${there}L${back}Z`;
    }
    piece = [];
  };
  for (const point of points) {
    if (point === null) close();
    else piece.push(point);
  }
  close();
  return path;
}
