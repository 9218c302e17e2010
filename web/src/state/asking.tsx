/** One dialog for the key, opened by whoever needs it. */

import { createContext, type ReactNode, useCallback, useContext, useState } from "react";
import { Problem } from "../api/problem";
import { KeyDialog, type KeyQuestion } from "../elements/KeyDialog";
import { readKey } from "./key";

type AskForKey = (refused?: boolean) => Promise<boolean>;

const AskingContext = createContext<AskForKey | null>(null);

export function KeyAsking({ children }: { readonly children: ReactNode }) {
  const [question, setQuestion] = useState<KeyQuestion | null>(null);
  const ask = useCallback<AskForKey>(
    (refused = false) =>
      new Promise((resolve) => {
        const answer = (entered: boolean) => {
          setQuestion(null);
          resolve(entered);
        };
        setQuestion({ refused, answer });
      }),
    [],
  );
  return (
    <AskingContext value={ask}>
      {children}
      {question && <KeyDialog question={question} />}
    </AskingContext>
  );
}

export function useAskForKey(): AskForKey {
  const ask = useContext(AskingContext);
  if (ask === null) throw new Error("expected a KeyAsking around this component");
  return ask;
}

/** Does `work`; where the server asks who is there, asks the reader for the key and does it once more. */
export async function withKey<T>(work: () => Promise<T>, ask: AskForKey): Promise<T> {
  for (;;) {
    const had = readKey() !== null;
    try {
      return await work();
    } catch (error) {
      const unknown = error instanceof Problem && error.status === 401;
      if (!unknown || !(await ask(had))) throw error;
    }
  }
}
