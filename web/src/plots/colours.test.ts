import { expect, test } from "vitest";
import SHEET from "../styles/tokens.css?raw";
import { luminance, oklab, readHex } from "./oklab";

/** The value of a token in the light theme, and in each statement of the dark one. */
function valuesOf(name: string): readonly string[] {
  return [...SHEET.matchAll(new RegExp(`--${name}: (#[0-9a-f]{6});`, "g"))].flatMap((match) => match[1] ?? []);
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(readHex(a)), luminance(readHex(b))].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

test("both ends of the diverging colours are equally far from the middle in lightness, in both themes", () => {
  const [towards, away, middle] = ["strip-towards", "strip-away", "strip-middle"].map(valuesOf);
  expect(towards).toHaveLength(3);
  towards?.forEach((end, theme) => {
    const [one] = oklab(readHex(end));
    const [other] = oklab(readHex(away?.[theme] ?? ""));
    const [, a, b] = oklab(readHex(middle?.[theme] ?? ""));
    expect(Math.abs(one - other)).toBeLessThan(0.03);
    expect(Math.hypot(a, b)).toBeLessThan(0.02);
  });
});

test("what is written on a colour can be read (WCAG 2.2 AA)", () => {
  const pairs = [
    ...[0, 1, 2, 3, 4].map((kind) => ["on-kind", `kind-${kind}`]),
    ["danger", "danger-soft"],
    ["ink-soft", "sunk"],
    ["against", "surface"],
    ["accent", "surface"],
  ];
  for (const [text, ground] of pairs) {
    valuesOf(text ?? "").forEach((colour, theme) => {
      const floor = text === "against" ? 3 : 4.5;
      expect(contrast(colour, valuesOf(ground ?? "")[theme] ?? ""), `${text} on ${ground}`).toBeGreaterThanOrEqual(floor);
    });
  }
});
