import type { Variable } from "../api/types";
import { Icon } from "../elements/Icon";
import { useSpeech } from "../state/language";
import type { EventsControls } from "./EventsInput";
import { capitalised } from "./grouping";
import { type Moment, newMoment } from "./observations";

/** One row a visit, one column a variable. */
export function VisitsTable({ spec, moments, faults, onMoments }: EventsControls) {
  const { texts, formats, say } = useSpeech();
  const words = texts.events;
  const variables = spec.variables ?? [];
  const change = (key: number, next: (moment: Moment) => Moment) =>
    onMoments(moments.map((moment) => (moment.key === key ? next(moment) : moment)));
  const cell = (moment: Moment, index: number, variable: Variable) => (
    <td key={variable.name}>
      <Cell
        label={words.visitValue(say(variable.title), index + 1)}
        entry={moment.values[variable.name] ?? ""}
        fault={faults.get(`${moment.key}:${variable.name}`) ?? null}
        onEntry={(entry) => change(moment.key, (before) => ({ ...before, values: { ...before.values, [variable.name]: entry } }))}
      />
    </td>
  );
  return (
    <>
      {moments.length === 0 ? (
        <p className="aside">{words.none}</p>
      ) : (
        <div className="scroll-x" tabIndex={0} role="region" aria-label={words.title}>
          <table className="visits-table">
            <thead>
              <tr>
                <th scope="col" className="sticky">
                  {words.time(formats.unit(spec.unit))}
                </th>
                {variables.map((variable) => (
                  <th scope="col" key={variable.name}>
                    {capitalised(say(variable.title))}
                    <small>{formats.unit(variable.unit)}</small>
                  </th>
                ))}
                <td />
              </tr>
            </thead>
            <tbody>
              {moments.map((moment, index) => (
                <tr key={moment.key}>
                  <td className="sticky">
                    <Cell
                      label={words.visitTime(index + 1)}
                      entry={moment.time}
                      fault={faults.get(`${moment.key}:time`) ?? null}
                      onEntry={(time) => change(moment.key, (before) => ({ ...before, time }))}
                    />
                  </td>
                  {variables.map((variable) => cell(moment, index, variable))}
                  <td>
                    <button
                      type="button"
                      className="quiet small"
                      aria-label={words.removeVisit(index + 1)}
                      onClick={() => onMoments(moments.filter((other) => other.key !== moment.key))}
                    >
                      <Icon name="cross" />
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div className="actions">
        <button type="button" className="quiet" onClick={() => onMoments([...moments, newMoment()])}>
          {words.addVisit}
        </button>
      </div>
    </>
  );
}

interface CellProps {
  readonly label: string;
  readonly entry: string;
  readonly fault: string | null;
  readonly onEntry: (entry: string) => void;
}

/** A number in a table; a fault is said in its title and description. */
export function Cell({ label, entry, fault, onEntry }: CellProps) {
  return (
    <>
      <input
        type="text"
        inputMode="decimal"
        autoComplete="off"
        aria-label={label}
        aria-invalid={fault !== null}
        title={fault ?? undefined}
        value={entry}
        onChange={(event) => onEntry(event.target.value)}
      />
      {fault !== null && <small className="fault">{fault}</small>}
    </>
  );
}
