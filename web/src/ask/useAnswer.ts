/** One question at a time: asking, waiting (and giving up), and the answer or the error. */

import { useCallback, useEffect, useRef, useState } from "react";
import type { PredictionView } from "../api/answers";
import type { Sample } from "../api/types";
import { explain, type Question } from "../api/client";
import { useAskForKey, withKey } from "../state/asking";

export type Asking =
  | { readonly state: "idle" }
  | { readonly state: "working"; readonly since: number }
  | { readonly state: "answered"; readonly answer: PredictionView; readonly asked: Sample | null }
  | { readonly state: "failed"; readonly error: unknown };

export interface AnswerControls {
  readonly asking: Asking;
  readonly ask: (prepare: (signal: AbortSignal) => Promise<Question>) => void;
  readonly again: () => void;
  readonly reset: () => void;
}

export function useAnswer(service: string): AnswerControls {
  const [asking, setAsking] = useState<Asking>({ state: "idle" });
  const running = useRef<AbortController | null>(null);
  const last = useRef<((signal: AbortSignal) => Promise<Question>) | null>(null);
  const askForKey = useAskForKey();
  useEffect(() => () => running.current?.abort(), []);

  const ask = useCallback(
    (prepare: (signal: AbortSignal) => Promise<Question>) => {
      running.current?.abort();
      const controller = new AbortController();
      running.current = controller;
      last.current = prepare;
      setAsking({ state: "working", since: Date.now() });
      const work = async () => {
        try {
          const question = await prepare(controller.signal);
          const answer = await withKey(() => explain(service, question, controller.signal), askForKey);
          if (!controller.signal.aborted) {
            const asked = question.content === "sample" ? question.sample : null;
            setAsking({ state: "answered", answer, asked });
          }
        } catch (error) {
          if (!controller.signal.aborted) setAsking({ state: "failed", error });
        }
      };
      void work();
    },
    [service, askForKey],
  );
  const again = useCallback(() => {
    if (last.current) ask(last.current);
  }, [ask]);
  const reset = useCallback(() => {
    running.current?.abort();
    setAsking({ state: "idle" });
  }, []);
  return { asking, ask, again, reset };
}
