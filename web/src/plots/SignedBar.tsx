import type { CSSProperties } from "react";

interface SignedBarProps {
  readonly amount: number;
  readonly largest: number;
  readonly label: string;
}

/** A bar to the right of the middle for what adds, to the left for what takes away, its number at its end. */
export function SignedBar({ amount, largest, label }: SignedBarProps) {
  const length = { "--length": Math.abs(amount) / largest } as CSSProperties;
  return (
    <span className={amount < 0 ? "signed-bar negative" : "signed-bar positive"} style={length}>
      <span className="length" aria-hidden="true" />
      <span className="amount">{label}</span>
    </span>
  );
}
