import { type SubmitEvent, useMemo, useRef, useState } from "react";
import type { Observation, Sample, ServiceDetail, TensorSpec } from "../api/types";
import { useSpeech } from "../state/language";
import { EventsInput, type EventsControls } from "./EventsInput";
import { FieldGrid } from "./FieldGrid";
import { FieldTable } from "./FieldTable";
import { type Entries, findFault, readEntry, readSample, writeEntry } from "./fields";
import { findMatrix } from "./grouping";
import { type Moment, readMoments, toMoments } from "./observations";
import type { AnswerControls } from "./useAnswer";
import { earlierSamples, observationsOf } from "./visits";

const MOST_EARLIER = 24;

interface SampleFormProps {
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

type Moments = Readonly<Record<string, readonly Moment[]>>;

/** The signature's inputs as fields. A fault is told once its field was left, or when the model is asked. */
export function SampleForm({ service, busy, onAsk, onChange }: SampleFormProps) {
  const { texts, formats, language } = useSpeech();
  const { question, signature } = service.task;
  const specs = useMemo(() => signature.inputs.filter((spec) => spec.content !== "events"), [signature]);
  const series = useMemo(() => signature.inputs.filter((spec) => spec.content === "events"), [signature]);
  const dynamic = question.kind === "survival" && question.dynamic === true;
  const example = service.example.inputs;
  const [entries, setEntries] = useState<Entries>({});
  const [moments, setMoments] = useState<Moments>({});
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const form = useRef<HTMLFormElement>(null);
  const matrix = useMemo(() => findMatrix(specs, language), [specs, language]);

  const faultIn = (spec: TensorSpec) => findFault(spec, entries[spec.name] ?? "", texts, formats);
  const told = specs.filter((spec) => left.has(spec.name) && faultIn(spec) !== null);
  const filled = specs.filter((spec) => readEntry(entries[spec.name] ?? "") !== null).length;
  const read = Object.fromEntries(series.map((spec) => [spec.name, readMoments(moments[spec.name] ?? [], spec, texts, formats)]));
  const faulty = Object.values(read).reduce((sum, { faults }) => sum + faults.size, 0);
  const observed = Object.values(read).reduce((sum, { observations }) => sum + observations.length, 0);
  const fill = (values: Sample | null) => {
    setEntries(values === null ? {} : exampleEntries(specs, values));
    setMoments(values === null ? {} : Object.fromEntries(series.map((spec) => [spec.name, toMoments(rounded(observationsOf(values, spec)), dynamic)])));
    setLeft(new Set());
    onChange();
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setLeft(new Set(specs.map((spec) => spec.name)));
    const wrong = specs.find((spec) => faultIn(spec) !== null);
    if (wrong) form.current?.querySelector<HTMLElement>(`[name="${wrong.name}"]`)?.focus();
    else if (faulty > 0) form.current?.querySelector<HTMLElement>('.events [aria-invalid="true"]')?.focus();
    else {
      const events = Object.fromEntries(series.map((spec) => [spec.name, read[spec.name]?.observations ?? []]));
      const sample: Sample = { ...readSample(specs, entries), ...events };
      const first = series[0];
      const earlier = dynamic && first ? earlierSamples(sample, first, MOST_EARLIER) : [];
      onAsk(() => Promise.resolve({ content: "sample", sample, earlier }));
    }
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
  const controlsOf = (spec: TensorSpec): EventsControls => ({
    spec,
    moments: moments[spec.name] ?? [],
    faults: read[spec.name]?.faults ?? new Map(),
    onMoments: (next) => {
      setMoments((before) => ({ ...before, [spec.name]: next }));
      onChange();
    },
    onBundle: (bundle) => onAsk(() => Promise.resolve({ content: "bundle", bundle })),
  });
  return (
    <form className="table-form" ref={form} onSubmit={submit} noValidate aria-label={texts.ask.measurements}>
      <div className="form-head">
        <h2>{texts.ask.measurements}</h2>
        <p className="aside">{missingRule(specs, texts.ask)}</p>
        {example && (
          <button type="button" className="quiet" onClick={() => fill(example)}>
            {texts.ask.fillExample}
          </button>
        )}
      </div>
      {matrix ? <FieldTable matrix={matrix} {...fields} /> : <FieldGrid specs={specs} {...fields} />}
      {series.map((spec) => (
        <EventsInput key={spec.name} {...controlsOf(spec)} visits={dynamic} />
      ))}
      {/* A press here leaves the focus in its field: telling that field's fault would move the button away. */}
      <div className="actions form-foot" onMouseDown={(event) => event.preventDefault()}>
        <button type="submit" className="primary" disabled={busy}>
          {texts.ask.submit}
        </button>
        <button type="button" className="quiet" disabled={filled === 0 && observed === 0} onClick={() => fill(null)}>
          {texts.ask.clear}
        </button>
        <p className={told.length + faulty > 0 ? "fault" : "aside"} aria-live="polite">
          {told.length + faulty > 0
            ? texts.ask.toMend(told.length + faulty)
            : formats.list([
                ...(specs.length > 0 ? [texts.ask.fields(filled, specs.length)] : []),
                ...(series.length > 0 ? [texts.events.count(observed)] : []),
              ])}
        </p>
      </div>
    </form>
  );
}

const EXAMPLE_FIGURES = 5;

/** An example of means has more figures than fit a cell, or than anything is measured with. */
function rounded(observations: readonly Observation[]): readonly Observation[] {
  return observations.map((entry) => ({ ...entry, value: Number(entry.value.toPrecision(EXAMPLE_FIGURES)) }));
}

function exampleEntries(specs: readonly TensorSpec[], values: Sample): Entries {
  return Object.fromEntries(
    specs.map((spec) => {
      const value = values[spec.name];
      return [spec.name, typeof value === "number" ? writeEntry(value) : ""];
    }),
  );
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
