import { type SubmitEvent, useMemo, useRef, useState } from "react";
import type { ServiceDetail, TensorSpec } from "../api/types";
import { useSpeech } from "../state/language";
import { FieldGrid } from "./FieldGrid";
import { FieldTable } from "./FieldTable";
import { type Entries, findFault, readEntry, readSample, writeEntry } from "./fields";
import { findMatrix } from "./grouping";
import type { AnswerControls } from "./useAnswer";

interface TableFormProps {
  readonly service: ServiceDetail;
  readonly busy: boolean;
  readonly onAsk: AnswerControls["ask"];
  readonly onChange: () => void;
}

export interface FieldsProps {
  readonly entries: Entries;
  readonly faultOf: (spec: TensorSpec) => string | null;
  readonly onEntry: (name: string, entry: string) => void;
  readonly onLeave: (name: string) => void;
}

/** The signature's inputs as fields. A fault is told once its field was left, or when the model is asked. */
export function TableForm({ service, busy, onAsk, onChange }: TableFormProps) {
  const { texts, formats, language } = useSpeech();
  const specs = service.task.signature.inputs;
  const example = service.example.inputs;
  const [entries, setEntries] = useState<Entries>({});
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const form = useRef<HTMLFormElement>(null);
  const matrix = useMemo(() => findMatrix(specs, language), [specs, language]);

  const faultIn = (spec: TensorSpec) => findFault(spec, entries[spec.name] ?? "", texts, formats);
  const told = specs.filter((spec) => left.has(spec.name) && faultIn(spec) !== null);
  const filled = specs.filter((spec) => readEntry(entries[spec.name] ?? "") !== null).length;
  const fill = (values: Entries) => {
    setEntries(values);
    setLeft(new Set());
    onChange();
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const faulty = specs.find((spec) => faultIn(spec) !== null);
    setLeft(new Set(specs.map((spec) => spec.name)));
    if (faulty) form.current?.querySelector<HTMLElement>(`[name="${faulty.name}"]`)?.focus();
    else onAsk(() => Promise.resolve({ content: "table", sample: readSample(specs, entries) }));
  };
  const fields: FieldsProps = {
    entries,
    faultOf: (spec) => (left.has(spec.name) ? faultIn(spec) : null),
    onEntry: (name, entry) => {
      setEntries((before) => ({ ...before, [name]: entry }));
      onChange();
    },
    onLeave: (name) => setLeft((before) => new Set(before).add(name)),
  };
  return (
    <form className="table-form" ref={form} onSubmit={submit} noValidate aria-label={texts.ask.measurements}>
      <div className="form-head">
        <h2>{texts.ask.measurements}</h2>
        <p className="aside">{missingRule(specs, texts.ask)}</p>
        {example && (
          <button type="button" className="quiet" onClick={() => fill(exampleEntries(specs, example))}>
            {texts.ask.fillExample}
          </button>
        )}
      </div>
      {matrix ? <FieldTable matrix={matrix} {...fields} /> : <FieldGrid specs={specs} {...fields} />}
      {/* A press here leaves the focus in its field: telling that field's fault would move the button away. */}
      <div className="actions form-foot" onMouseDown={(event) => event.preventDefault()}>
        <button type="submit" className="primary" disabled={busy}>
          {texts.ask.submit}
        </button>
        <button type="button" className="quiet" disabled={filled === 0} onClick={() => fill({})}>
          {texts.ask.clear}
        </button>
        <p className={told.length > 0 ? "fault" : "aside"} aria-live="polite">
          {told.length > 0
            ? texts.ask.toMend(told.length)
            : texts.ask.fields(filled, specs.length)}
        </p>
      </div>
    </form>
  );
}

function exampleEntries(specs: readonly TensorSpec[], values: Readonly<Record<string, number | null>>): Entries {
  return Object.fromEntries(specs.map((spec) => [spec.name, writeEntry(values[spec.name])]));
}

/** What an empty field means, where all fields agree; each field says it for itself where they do not. */
function missingRule(
  specs: readonly TensorSpec[],
  words: { readonly required: string; readonly optionalAbstain: string; readonly optionalModel: string },
): string {
  const rules = new Set(specs.map((spec) => spec.missing));
  if (rules.size !== 1) return "";
  if (rules.has("reject")) return words.required;
  return rules.has("abstain") ? words.optionalAbstain : words.optionalModel;
}
