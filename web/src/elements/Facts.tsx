import type { ReactNode } from "react";

/** Names and values, side by side. Rows without a value are left out. */
export function Facts({ rows }: { readonly rows: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="facts">
      {rows.map(([label, value]) =>
        value === null || value === "" ? null : (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

/** The first twelve figures of a digest; the whole of it where the pointer rests. */
export function Digest({ value }: { readonly value: string }) {
  return (
    <code className="digest" title={value}>
      {value.slice(0, 12)}
    </code>
  );
}
