import { useId } from "react";
import type { TensorSpec } from "../api/types";
import type { Formats } from "../format/formats";
import { useSpeech } from "../state/language";
import { Field } from "./Field";
import type { FieldMatrix } from "./grouping";
import type { FieldsProps } from "./SampleForm";

/** Fields that form a table: one row a feature, one column a summary of it. */
export function FieldTable({ matrix, entries, faultOf, onEntry, onLeave }: FieldsProps & { readonly matrix: FieldMatrix }) {
  const { texts, formats, say } = useSpeech();
  const id = useId();
  return (
    <div className="scroll-x">
      <table className="field-table">
        <thead>
          <tr>
            <th scope="col">{texts.ask.feature}</th>
            {matrix.columns.map((column) => (
              <th scope="col" key={column}>
                {column}
              </th>
            ))}
            <th scope="col" className="hint-column">
              {texts.ask.range}
            </th>
          </tr>
        </thead>
        <tbody>
          {matrix.rows.map((row, index) => (
            <tr key={row.title}>
              <th scope="row">{row.title}</th>
              {row.cells.map((spec) => (
                <td key={spec.name}>
                  <Field
                    spec={spec}
                    label={say(spec.title)}
                    entry={entries[spec.name] ?? ""}
                    fault={faultOf(spec)}
                    describedBy={`${id}-${index}`}
                    onEntry={(entry) => onEntry(spec.name, entry)}
                    onLeave={() => onLeave(spec.name)}
                  />
                </td>
              ))}
              <td className="hint-column" id={`${id}-${index}`}>
                {rangesOf(row.cells, formats)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The believable range in its unit; each column's own where they differ. */
function rangesOf(specs: readonly TensorSpec[], formats: Formats): string {
  return [...new Set(specs.map((spec) => rangeOf(spec, formats)))].filter((range) => range !== "").join("; ");
}

export function rangeOf(spec: TensorSpec, formats: Formats): string {
  if (spec.valid_range === null) return formats.unit(spec.unit);
  const [low, high] = spec.valid_range;
  return `${formats.quantity(low, null)}–${formats.quantity(high, spec.unit)}`;
}
