import type { ServiceSummary } from "../api/types";
import { useSpeech } from "../state/language";

/** What belongs on every page of a service: a demonstration, a known trap of its data. */
export function Notices({ service }: { readonly service: ServiceSummary }) {
  const { texts, say } = useSpeech();
  const words = service.notices.map(say);
  if (service.demonstration && words.length === 0) words.push(texts.service.demonstrationNotice);
  if (words.length === 0) return null;
  return (
    <div className="notices">
      {words.map((notice) => (
        <p className="notice" key={notice}>
          {notice}
        </p>
      ))}
    </div>
  );
}
