import { type ChangeEvent, type SubmitEvent, useId, useRef, useState } from "react";
import type { Json, Sample, ServiceDetail } from "../api/types";
import { useSpeech } from "../state/language";
import { readDocument, summarise } from "./documents";
import { readEntry } from "./fields";

type Document = { readonly [name: string]: Json };

interface Chosen {
  readonly name: string;
  readonly document: Document;
}

interface PlanFormProps {
  readonly service: ServiceDetail;
  readonly busy: boolean;
  readonly onSubmit: (sample: Sample) => void;
}

/** The instance, the plan of before, the time and the seed. */
export function PlanForm({ service, busy, onSubmit }: PlanFormProps) {
  const { texts, formats } = useSpeech();
  const words = texts.plan;
  const question = service.task.question;
  const usual = question.kind === "planning" ? question.time_limit_s : 60;
  const example = service.example.inputs ?? {};
  const exampleLimit = example["time_limit_s"];
  const [instance, setInstance] = useState<Chosen | null>(null);
  const [previous, setPrevious] = useState<Chosen | null>(null);
  const [limit, setLimit] = useState(String(typeof exampleLimit === "number" ? exampleLimit : usual));
  const [seed, setSeed] = useState("0");
  const [faulty, setFaulty] = useState<"instance" | "previous" | null>(null);
  const limitValue = readEntry(limit);
  const seedValue = readEntry(seed);
  const limitFault = limitValue === null || !(limitValue > 0);
  const seedFault = seedValue === null || !Number.isInteger(seedValue) || seedValue < 0;
  const sampleDocument = documentOf(example["instance"]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (instance === null || limitFault || seedFault) return;
    onSubmit({ instance: instance.document, previous: previous?.document ?? "", time_limit_s: limitValue, seed: seedValue });
  };
  const take = (part: "instance" | "previous") => (chosen: Chosen | null) => {
    setFaulty(chosen === null ? part : null);
    if (chosen === null) return;
    if (part === "instance") setInstance(chosen);
    else setPrevious(chosen);
  };
  return (
    <form className="plan-form" onSubmit={submit} noValidate aria-label={words.ask}>
      <section className="drop-zone">
        <div className="drop-words">
          <h2>{words.ask}</h2>
          <p className="aside">{words.formats(question.kind === "planning" ? question.formats.join(", ") : "")}</p>
          <div className="actions">
            <FileButton title={words.choose} primary={instance === null} onDocument={take("instance")} />
            {sampleDocument && (
              <button type="button" className="quiet" onClick={() => take("instance")({ name: words.chosenExample, document: sampleDocument })}>
                {words.example}
              </button>
            )}
          </div>
          {faulty === "instance" && <NoDocument />}
          {instance && <ChosenFacts chosen={instance} />}
        </div>
      </section>
      <div className="plan-settings">
        <div className="stacked">
          <span className="field-title">{words.previous}</span>
          {previous ? (
            <span className="actions">
              <span>{previous.name}</span>
              <button type="button" className="quiet" onClick={() => setPrevious(null)}>
                {words.removePrevious}
              </button>
            </span>
          ) : (
            <FileButton title={words.choosePrevious} primary={false} onDocument={take("previous")} />
          )}
          <small className="aside">{words.previousNote}</small>
          {faulty === "previous" && <NoDocument />}
        </div>
        <NumberField
          title={words.limit}
          note={words.limitNote(formats.quantity(usual, null))}
          fault={limitFault ? words.limitFault : null}
          entry={limit}
          onEntry={setLimit}
        />
        <NumberField title={words.seed} note={words.seedNote} fault={seedFault ? words.seedFault : null} entry={seed} onEntry={setSeed} />
      </div>
      <div className="actions form-foot">
        <button type="submit" className={instance === null ? "quiet" : "primary"} disabled={busy || instance === null || limitFault || seedFault}>
          {words.submit}
        </button>
      </div>
    </form>
  );
}

function documentOf(value: Sample[string] | undefined): Document | undefined {
  if (typeof value === "string") return readDocument(value);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Document) : undefined;
}

function NoDocument() {
  const { texts, formats } = useSpeech();
  return (
    <p className="fault" role="alert">
      {formats.sentences([texts.plan.notJson, texts.plan.notJsonRemedy])}
    </p>
  );
}

function ChosenFacts({ chosen }: { readonly chosen: Chosen }) {
  const { formats } = useSpeech();
  const counts = summarise(chosen.document);
  return (
    <p className="chosen" aria-live="polite">
      <strong>{chosen.name}</strong>
      {counts.map(([name, count]) => (
        <span key={name} className="aside">
          <code>{name}</code> {formats.count(count)}
        </span>
      ))}
    </p>
  );
}

interface FileButtonProps {
  readonly title: string;
  readonly primary: boolean;
  readonly onDocument: (chosen: Chosen | null) => void;
}

function FileButton({ title, primary, onDocument }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  const pick = async (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    event.target.value = "";
    if (file === undefined) return;
    const document = readDocument(await file.text());
    onDocument(document === undefined ? null : { name: file.name, document });
  };
  return (
    <>
      <button type="button" className={primary ? "primary" : "quiet"} onClick={() => input.current?.click()}>
        {title}
      </button>
      <input ref={input} type="file" accept=".json,application/json" hidden onChange={(event) => void pick(event)} />
    </>
  );
}

interface NumberFieldProps {
  readonly title: string;
  readonly note: string;
  readonly fault: string | null;
  readonly entry: string;
  readonly onEntry: (entry: string) => void;
}

function NumberField({ title, note, fault, entry, onEntry }: NumberFieldProps) {
  const id = useId();
  return (
    <div className="stacked">
      <label htmlFor={id} className="field-title">
        {title}
      </label>
      <input
        id={id}
        type="text"
        inputMode="decimal"
        autoComplete="off"
        aria-invalid={fault !== null}
        aria-describedby={`${id}-note`}
        value={entry}
        onChange={(event) => onEntry(event.target.value)}
      />
      <small className={fault === null ? "aside" : "fault"} id={`${id}-note`}>
        {fault ?? note}
      </small>
    </div>
  );
}
