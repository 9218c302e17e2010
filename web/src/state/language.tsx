/** The language of the page: the address first, then what was chosen before, then the browser's. */

import { createContext, type ReactNode, useContext, useEffect, useMemo } from "react";
import type { LocalizedText } from "../api/types";
import { type Formats, formatsFor } from "../format/formats";
import { type Texts, textsIn } from "../texts/texts";
import { goTo, type Language, useAddress } from "./address";
import { storedValue } from "./stored";

const stored = storedValue("local", "salus.language");

interface Speech {
  readonly language: Language;
  readonly texts: Texts;
  readonly formats: Formats;
  /** The text that the server wrote, in the page's language. */
  readonly say: (text: LocalizedText) => string;
}

const SpeechContext = createContext<Speech | null>(null);

export function SpeechProvider({ children }: { readonly children: ReactNode }) {
  const asked = useAddress().language;
  const before = stored.use();
  const browser = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
  const language: Language = asked ?? (before === "zh" || before === "en" ? before : browser);
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  }, [language]);
  const speech = useMemo<Speech>(
    () => ({
      language,
      texts: textsIn(language),
      formats: formatsFor(language),
      say: (text) => text[language],
    }),
    [language],
  );
  return <SpeechContext value={speech}>{children}</SpeechContext>;
}

export function useSpeech(): Speech {
  const speech = useContext(SpeechContext);
  if (speech === null) throw new Error("expected a SpeechProvider around this component");
  return speech;
}

export function chooseLanguage(language: Language): void {
  stored.write(language);
  goTo({ language }, "replace");
}
