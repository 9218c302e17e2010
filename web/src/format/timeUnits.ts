/** UCUM's units of time in days, so that a curve in months can begin at a visit told in years. */

const DAYS: Readonly<Record<string, number>> = {
  s: 1 / 86_400,
  min: 1 / 1_440,
  h: 1 / 24,
  d: 1,
  wk: 7,
  mo: 30.4375,
  a: 365.25,
};

/** `time` of unit `from` in unit `to`; null where either is no unit of time. */
export function convertTime(time: number, from: string, to: string): number | null {
  if (from === to) return time;
  const here = DAYS[from];
  const there = DAYS[to];
  return here === undefined || there === undefined ? null : (time * here) / there;
}
