import { useId } from "react";
import type { TensorSpec } from "../api/types";
import { useSpeech } from "../state/language";
import { Field } from "./Field";
import { rangeOf } from "./FieldTable";
import { capitalised } from "./grouping";
import type { FieldsProps } from "./TableForm";

/** Fields that form no table: side by side, each with its title, range and unit. */
export function FieldGrid({ specs, entries, faultOf, onEntry, onLeave }: FieldsProps & { readonly specs: readonly TensorSpec[] }) {
  const { formats, say, texts } = useSpeech();
  const id = useId();
  const mixed = new Set(specs.map((spec) => spec.missing)).size > 1;
  return (
    <div className="field-grid">
      {specs.map((spec) => (
        <div className="stacked" key={spec.name}>
          <span className="field-title" aria-hidden="true">
            {capitalised(say(spec.title))}
            {mixed && spec.missing === "reject" ? " *" : ""}
          </span>
          <Field
            spec={spec}
            label={say(spec.title)}
            entry={entries[spec.name] ?? ""}
            fault={faultOf(spec)}
            describedBy={`${id}-${spec.name}`}
            onEntry={(entry) => onEntry(spec.name, entry)}
            onLeave={() => onLeave(spec.name)}
          />
          <small className="aside" id={`${id}-${spec.name}`}>
            {rangeOf(spec, formats)}
          </small>
        </div>
      ))}
      {mixed && <p className="aside whole-row">* {texts.ask.needed}</p>}
    </div>
  );
}
