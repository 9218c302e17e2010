import { useId, useState } from "react";
import type { Variable } from "../api/types";
import { Icon } from "../elements/Icon";
import { Sparkline } from "../plots/Sparkline";
import { useSpeech } from "../state/language";
import type { EventsControls } from "./EventsInput";
import { readEntry } from "./fields";
import { capitalised } from "./grouping";
import { type Moment, newMoment, readTime } from "./observations";
import { Cell } from "./VisitsTable";

const SHOWN = 30;

interface Series {
  readonly variable: Variable;
  readonly moments: readonly Moment[];
}

/** What is known, one line a variable with its trend; the chosen variable's observations beside it, to edit. */
export function ObservationsEditor({ spec, moments, faults, onMoments }: EventsControls) {
  const { texts, formats, say } = useSpeech();
  const words = texts.events;
  const adding = useId();
  const [wanted, setWanted] = useState<string | null>(null);
  const variables = spec.variables ?? [];
  const series = variables.flatMap((variable) => {
    const own = moments.filter((moment) => variable.name in moment.values);
    return own.length > 0 ? [{ variable, moments: own }] : [];
  });
  const faulty = series.find((one) => one.moments.some((m) => faults.has(`${m.key}:${one.variable.name}`) || faults.has(`${m.key}:time`)));
  const chosen = series.find((one) => one.variable.name === wanted) ?? faulty ?? series[0];
  const absent = variables.filter((variable) => !series.some((one) => one.variable.name === variable.name));
  const until = Math.max(1, ...moments.map((moment) => readTime(moment.time, spec.unit) ?? 0));
  const add = (name: string) => {
    onMoments([...moments, newMoment("", { [name]: "" })]);
    setWanted(name);
  };
  return (
    <>
      <p className="aside">
        {series.length === 0 ? words.none : words.known(formats.count(moments.length), formats.count(series.length))}
      </p>
      <div className="observations">
        {series.length > 0 && (
          <ul className="series-list scroll-box" aria-label={words.title}>
            {series.map((one) => (
              <li key={one.variable.name}>
                <SeriesButton
                  series={one}
                  unit={spec.unit}
                  until={until}
                  pressed={one.variable.name === chosen?.variable.name}
                  onChoose={() => setWanted(one.variable.name)}
                />
              </li>
            ))}
          </ul>
        )}
        {chosen && (
          <SeriesTable
            key={chosen.variable.name}
            series={chosen}
            spec={spec}
            moments={moments}
            faults={faults}
            onMoments={onMoments}
            onAdd={() => add(chosen.variable.name)}
          />
        )}
      </div>
      {absent.length > 0 && (
        <p className="add-variable">
          <label htmlFor={adding}>{words.addVariable}</label>
          <select id={adding} value="" onChange={(event) => add(event.target.value)}>
            <option value="">{texts.ask.chooseOne}</option>
            {absent.map((variable) => (
              <option key={variable.name} value={variable.name}>
                {capitalised(say(variable.title))}
              </option>
            ))}
          </select>
        </p>
      )}
    </>
  );
}

interface SeriesButtonProps {
  readonly series: Series;
  readonly unit: string | null;
  readonly until: number;
  readonly pressed: boolean;
  readonly onChoose: () => void;
}

function SeriesButton({ series: { variable, moments }, unit, until, pressed, onChoose }: SeriesButtonProps) {
  const { texts, formats, say } = useSpeech();
  const points = moments.flatMap((moment) => {
    const time = readTime(moment.time, unit);
    const value = readEntry(moment.values[variable.name] ?? "");
    return time === null || value === null || !Number.isFinite(value) ? [] : [{ time, value }];
  });
  points.sort((a, b) => a.time - b.time);
  const last = points.at(-1);
  return (
    <button type="button" aria-pressed={pressed} onClick={onChoose}>
      <span className="series-title">{capitalised(say(variable.title))}</span>
      <Sparkline points={points} until={until} />
      <span className="series-last">{last ? formats.quantity(last.value, variable.unit) : ""}</span>
      <small className="aside" aria-label={texts.events.count(moments.length)}>
        {`n = ${moments.length}`}
      </small>
    </button>
  );
}

interface SeriesTableProps extends Omit<EventsControls, "onBundle"> {
  readonly series: Series;
  readonly onAdd: () => void;
}

function SeriesTable({ series: { variable, moments: own }, spec, moments, faults, onMoments, onAdd }: SeriesTableProps) {
  const { texts, formats, say } = useSpeech();
  const words = texts.events;
  const [all, setAll] = useState(false);
  const title = say(variable.title);
  const change = (key: number, part: Partial<Moment>) =>
    onMoments(moments.map((moment) => (moment.key === key ? { ...moment, ...part } : moment)));
  const shown = all ? own : own.slice(0, SHOWN);
  return (
    <div className="series-table">
      <h4>{capitalised(title)}</h4>
      <div className="scroll-box" tabIndex={0} role="region" aria-label={title}>
        <table>
          <thead>
            <tr>
              <th scope="col">{words.time(formats.unit(spec.unit))}</th>
              <th scope="col">
                {words.value}
                {formats.unit(variable.unit) === "" ? "" : formats.aside(formats.unit(variable.unit))}
              </th>
              <td />
            </tr>
          </thead>
          <tbody>
            {shown.map((moment, index) => (
              <tr key={moment.key}>
                <td>
                  <Cell
                    label={words.timeOf(title, index + 1)}
                    entry={moment.time}
                    fault={faults.get(`${moment.key}:time`) ?? null}
                    onEntry={(time) => change(moment.key, { time })}
                  />
                </td>
                <td>
                  <Cell
                    label={words.valueOf(title, index + 1)}
                    entry={moment.values[variable.name] ?? ""}
                    fault={faults.get(`${moment.key}:${variable.name}`) ?? null}
                    onEntry={(entry) => change(moment.key, { values: { ...moment.values, [variable.name]: entry } })}
                  />
                </td>
                <td>
                  <button
                    type="button"
                    className="quiet small"
                    aria-label={words.removeObservation(index + 1)}
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
      <div className="actions">
        <button type="button" className="quiet" onClick={onAdd}>
          {words.add}
        </button>
        {own.length > SHOWN && !all && (
          <button type="button" className="quiet" onClick={() => setAll(true)}>
            {words.showAll(own.length)}
          </button>
        )}
      </div>
    </div>
  );
}
