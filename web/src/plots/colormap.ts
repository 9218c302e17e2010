/**
 * Viridis (Smith and van der Walt, 2015; CC0), the perceptually uniform map of the field, from 20 of its 256 colours
 * with linear steps between them. Its darkest end is left transparent by
 * the heat map, so that what has no evidence stays visible.
 */

const ANCHORS = [
  0x440154, 0x481567, 0x482677, 0x453781, 0x404788, 0x39568c, 0x33638d, 0x2d708e, 0x287d8e, 0x238a8d, 0x1f968b,
  0x20a387, 0x29af7f, 0x3cbb75, 0x55c667, 0x73d055, 0x95d840, 0xb8de29, 0xdce319, 0xfde725,
] as const;

export type Colour = readonly [red: number, green: number, blue: number];

/** The colour of `share`, from 0 (dark violet) to 1 (yellow). */
export function viridis(share: number): Colour {
  const position = Math.min(1, Math.max(0, share)) * (ANCHORS.length - 1);
  const index = Math.min(Math.floor(position), ANCHORS.length - 2);
  const rest = position - index;
  const low = ANCHORS[index] ?? 0;
  const high = ANCHORS[index + 1] ?? 0;
  const mix = (shift: number) => {
    const from = (low >> shift) & 255;
    return Math.round(from + (((high >> shift) & 255) - from) * rest);
  };
  return [mix(16), mix(8), mix(0)];
}

export function cssColour([red, green, blue]: Colour): string {
  return `rgb(${red} ${green} ${blue})`;
}
