import { type SubmitEvent, useEffect, useRef, useState } from "react";
import { useSpeech } from "../state/language";
import { readKey, writeKey } from "../state/key";
import { Coded } from "./Coded";

export interface KeyQuestion {
  readonly refused: boolean;
  readonly answer: (entered: boolean) => void;
}

/** Asks for the key, in plain words where to find it. */
export function KeyDialog({ question }: { readonly question: KeyQuestion }) {
  const { texts } = useSpeech();
  const words = texts.key;
  const dialog = useRef<HTMLDialogElement>(null);
  const [entry, setEntry] = useState("");
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    if (entry.trim() === "") return;
    writeKey(entry.trim());
    question.answer(true);
  };
  const forget = () => {
    writeKey(null);
    question.answer(false);
  };
  return (
    <dialog ref={dialog} className="key-dialog" aria-labelledby="key-title" onClose={() => question.answer(false)}>
      <form onSubmit={save}>
        <h2 id="key-title">{words.title}</h2>
        {question.refused && (
          <p className="notice" role="alert">
            {words.refused}
          </p>
        )}
        <p>{words.why}</p>
        <p>
          <Coded text={words.where} />
        </p>
        <label className="stacked">
          {words.field}
          <input
            type="password"
            autoComplete="off"
            spellCheck={false}
            value={entry}
            onChange={(event) => setEntry(event.target.value)}
          />
        </label>
        <p className="aside">{words.kept}</p>
        <div className="actions">
          <button type="submit" className="primary" disabled={entry.trim() === ""}>
            {words.save}
          </button>
          <button type="button" className="quiet" onClick={() => question.answer(false)}>
            {words.cancel}
          </button>
          {readKey() !== null && (
            <button type="button" className="quiet" onClick={forget}>
              {words.forget}
            </button>
          )}
        </div>
      </form>
    </dialog>
  );
}
