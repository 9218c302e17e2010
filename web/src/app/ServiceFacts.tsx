import type { ServiceSummary } from "../api/types";
import { Tag } from "../elements/Tag";
import { useSpeech } from "../state/language";

/** Name, version and standing of a service, in one line. */
export function ServiceFacts({ service }: { readonly service: ServiceSummary }) {
  const { texts } = useSpeech();
  const kinds: Readonly<Record<string, string>> = texts.service.kinds;
  const contents: Readonly<Record<string, string>> = texts.service.contents;
  const stages: Readonly<Record<string, string>> = texts.stage;
  return (
    <p className="service-facts">
      <code>{service.name}</code>
      <span>
        {texts.service.version} {service.version}
      </span>
      <Tag>{stages[service.stage] ?? service.stage}</Tag>
      {kinds[service.kind] && service.kind !== "classification" && <Tag>{kinds[service.kind]}</Tag>}
      <Tag>{contents[service.content] ?? service.content}</Tag>
      {service.demonstration && <Tag attention>{texts.service.demonstration}</Tag>}
      {!service.ready && <Tag attention>{texts.service.loading}</Tag>}
    </p>
  );
}
