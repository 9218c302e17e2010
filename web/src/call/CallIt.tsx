import type { ServiceDetail } from "../api/types";
import { CodeBlock } from "../elements/Code";
import { useSpeech } from "../state/language";
import { curlSnippet, KEY_LINE, pythonSnippet, tritonSnippet } from "./snippets";

/** This very service from a terminal and from Python. */
export function CallIt({ service }: { readonly service: ServiceDetail }) {
  const { texts } = useSpeech();
  const origin = window.location.origin;
  return (
    <div className="call">
      <p className="lead">{texts.call.lead}</p>
      <CodeBlock title={texts.call.key} code={KEY_LINE} />
      <p className="aside">{texts.call.keyNote}</p>
      <CodeBlock title={texts.call.curl} code={curlSnippet(service, origin)} />
      <CodeBlock title={texts.call.python} code={pythonSnippet(service, origin)} />
      {service.content !== "document" && <CodeBlock title={texts.call.triton} code={tritonSnippet(service, origin)} />}
      <p>
        {texts.call.more} <a href="/api/v1/openapi.json">OpenAPI</a>
      </p>
    </div>
  );
}
