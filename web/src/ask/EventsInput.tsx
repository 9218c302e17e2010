import { type ChangeEvent, useId, useRef, useState } from "react";
import type { TensorSpec } from "../api/types";
import { useSpeech } from "../state/language";
import { ObservationsEditor } from "./ObservationsEditor";
import { isBundle, type Moment, type MomentFaults, parseCsv, toMoments } from "./observations";
import { VisitsTable } from "./VisitsTable";

const MOST_TOLD = 5;

export interface EventsControls {
  readonly spec: TensorSpec;
  readonly moments: readonly Moment[];
  readonly faults: MomentFaults;
  readonly onMoments: (moments: readonly Moment[]) => void;
  readonly onBundle: (bundle: string) => void;
}

/** What was observed over time: to edit, from a file, or pasted. */
export function EventsInput({ visits, ...controls }: EventsControls & { readonly visits: boolean }) {
  const { texts, formats } = useSpeech();
  const { spec, onMoments, onBundle } = controls;
  const words = texts.events;
  const heading = useId();
  const area = useId();
  const file = useRef<HTMLInputElement>(null);
  const [pasted, setPasted] = useState("");
  const [told, setTold] = useState("");
  const take = (text: string) => {
    const { observations, faults } = parseCsv(text, spec);
    onMoments(toMoments(observations, visits));
    const lines = faults.slice(0, MOST_TOLD).map(({ line, why, name }) => {
      const reasons = { columns: words.whyColumns, variable: words.whyVariable(name), number: words.whyNumber };
      return words.line(line, reasons[why]);
    });
    const more = faults.length > MOST_TOLD ? ["…"] : [];
    setTold(
      formats.sentences([
        words.readCount(formats.count(observations.length)),
        ...(faults.length > 0 ? [words.leftOut(formats.count(faults.length), formats.list([...lines, ...more]))] : []),
      ]),
    );
  };
  const open = async (event: ChangeEvent<HTMLInputElement>) => {
    const chosen = event.target.files?.[0];
    event.target.value = "";
    if (chosen === undefined) return;
    const text = await chosen.text();
    if (!isBundle(text)) take(text);
    else {
      setTold(words.bundleSent(chosen.name));
      onBundle(text);
    }
  };
  const names = (spec.variables ?? []).map((variable) => variable.name);
  return (
    <section className="events" aria-labelledby={heading}>
      <div className="form-head">
        <h3 id={heading}>{visits ? words.visits : words.title}</h3>
        <p className="aside">
          {formats.sentences([
            ...(spec.fewest !== undefined && spec.fewest > 1 ? [texts.ask.missingEvents(formats.count(spec.fewest))] : []),
            words.fileNote,
          ])}
        </p>
        <button type="button" className="quiet" onClick={() => file.current?.click()}>
          {words.openFile}
        </button>
        <input ref={file} type="file" accept=".csv,.txt,.json,text/csv,application/json,application/fhir+json" hidden onChange={(event) => void open(event)} />
      </div>
      {visits ? <VisitsTable {...controls} /> : <ObservationsEditor {...controls} />}
      <p className="told" aria-live="polite">
        {told}
      </p>
      <details>
        <summary>{words.paste}</summary>
        <div className="stacked paste">
          <label htmlFor={area} className="aside">
            {words.pasteHint(formats.unit(spec.unit))} <code>{names.join(" ")}</code>
          </label>
          <textarea id={area} rows={6} spellCheck={false} value={pasted} onChange={(event) => setPasted(event.target.value)} />
          <div className="actions">
            <button type="button" className="quiet" disabled={pasted.trim() === ""} onClick={() => take(pasted)}>
              {words.read}
            </button>
          </div>
        </div>
      </details>
    </section>
  );
}
