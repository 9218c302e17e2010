import { useId } from "react";
import type { TensorSpec } from "../api/types";
import { useSpeech } from "../state/language";
import { Field } from "./Field";
import { rangeOf } from "./FieldTable";
import { capitalised } from "./grouping";
import type { FieldsProps } from "./SampleForm";

const MARKS = { reject: " *", abstain: " †", model: "" } as const;

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
            {mixed ? MARKS[spec.missing] : ""}
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
      {mixed && (
        <p className="aside whole-row">
          {formats.sentences([
            ...(specs.some((spec) => spec.missing === "reject") ? [`*\u00a0${texts.ask.needed}`] : []),
            ...(specs.some((spec) => spec.missing === "abstain") ? [`†\u00a0${texts.ask.abstainsWithout}`] : []),
          ])}
        </p>
      )}
    </div>
  );
}
