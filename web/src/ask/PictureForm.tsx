import { type ChangeEvent, type DragEvent, useRef, useState } from "react";
import { fetchExample } from "../api/client";
import type { ServiceDetail } from "../api/types";
import { useSpeech } from "../state/language";
import type { AnswerControls } from "./useAnswer";

const ACCEPTED = ".png,.jpg,.jpeg,.dcm,.dicom,image/png,image/jpeg,application/dicom";

interface PictureFormProps {
  readonly service: ServiceDetail;
  readonly busy: boolean;
  readonly onAsk: AnswerControls["ask"];
}

/** A place to drop pictures; choosing one asks at once. */
export function PictureForm({ service, busy, onAsk }: PictureFormProps) {
  const { texts } = useSpeech();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [names, setNames] = useState<readonly string[]>([]);
  const example = service.example.image_url;

  const send = (files: readonly File[]) => {
    if (files.length === 0) return;
    setNames(files.map((file) => file.name));
    onAsk(() => Promise.resolve({ content: "image", files }));
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    send([...event.dataTransfer.files]);
  };
  const pick = (event: ChangeEvent<HTMLInputElement>) => {
    send([...(event.target.files ?? [])]);
    event.target.value = "";
  };
  const useExample = (url: string) => {
    setNames([]);
    onAsk(async (signal) => ({ content: "image", files: [await fetchExample(url, signal)] }));
  };
  return (
    <section
      className={over ? "drop-zone over" : "drop-zone"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <div className="drop-words">
        <h2>{texts.ask.drop}</h2>
        <p className="aside">{texts.ask.formats}</p>
        <div className="actions">
          <button type="button" className="primary" disabled={busy} onClick={() => input.current?.click()}>
            {texts.ask.choose}
          </button>
          {example !== undefined && (
            <button type="button" className="quiet" disabled={busy} onClick={() => useExample(example)}>
              {texts.ask.example}
            </button>
          )}
          <input ref={input} type="file" accept={ACCEPTED} multiple hidden onChange={pick} />
        </div>
        <p className="chosen" aria-live="polite">
          {names.join(", ")}
        </p>
      </div>
      {example !== undefined && (
        <img className="example" src={example} alt={texts.ask.exampleAlt} width="132" height="132" />
      )}
    </section>
  );
}
