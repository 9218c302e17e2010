import { useEffect, useState } from "react";
import { useSpeech } from "../state/language";

const TICK_MS = 100;

interface WorkingProps {
  readonly since: number;
  readonly onCancel: () => void;
}

/** Says that an answer is being computed, for how long already, and lets the reader stop it. */
export function Working({ since, onCancel }: WorkingProps) {
  const { texts } = useSpeech();
  const [now, setNow] = useState(since);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <div className="working">
      <p>
        {texts.ask.working} <span aria-hidden="true">{texts.ask.elapsed(((now - since) / 1000).toFixed(1))}</span>
      </p>
      <div className="progress" aria-hidden="true" />
      <button type="button" className="quiet" onClick={onCancel}>
        {texts.ask.cancel}
      </button>
    </div>
  );
}
