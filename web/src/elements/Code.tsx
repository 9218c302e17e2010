import { useEffect, useId, useState } from "react";
import { useSpeech } from "../state/language";

const TOLD_MS = 2_000;

interface CodeBlockProps {
  readonly title: string;
  readonly code: string;
}

/** A block to paste, with a button that copies it. */
export function CodeBlock({ title, code }: CodeBlockProps) {
  const { texts } = useSpeech();
  const [copied, setCopied] = useState(false);
  const heading = useId();
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), TOLD_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <section className="code-block" aria-labelledby={heading}>
      <header>
        <h2 id={heading}>{title}</h2>
        <button type="button" className="quiet" onClick={() => void copyText(code).then(setCopied)}>
          <span aria-live="polite">{copied ? texts.call.copied : texts.call.copy}</span>
        </button>
      </header>
      <pre tabIndex={0}>
        <code>{code}</code>
      </pre>
    </section>
  );
}

/** Browsers give the clipboard to secure origins only; elsewhere the old way through a selection still works. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "off-screen";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
