import { useService } from "../api/queries";
import type { ServiceDetail, ServiceSummary } from "../api/types";
import { TryIt } from "../ask/TryIt";
import { CallIt } from "../call/CallIt";
import { Card } from "../card/Card";
import { Notices } from "../elements/Notices";
import { ProblemBox } from "../elements/Problem";
import { goTo, useAddress, type View } from "../state/address";
import { useSpeech } from "../state/language";
import { ServiceFacts } from "./ServiceFacts";
import { Tabs } from "./Tabs";

const VIEWS: readonly View[] = ["try", "card", "call"];

/** One service: try it, read its card, call it. */
export function ServicePage({ summary }: { readonly summary: ServiceSummary }) {
  const { texts, say } = useSpeech();
  const { view } = useAddress();
  const service = useService(summary.name);
  return (
    <article className="service">
      <header className="service-head">
        <h1>{say(summary.title)}</h1>
        <ServiceFacts service={summary} />
        <Notices service={summary} />
      </header>
      <Tabs
        label={texts.views.label}
        tabs={VIEWS.map((name) => ({ name, title: texts.views[name] }))}
        chosen={view}
        onChoose={(name) => goTo({ view: name })}
      >
        {service.isPending && <div className="skeleton block" aria-busy="true" />}
        {service.isError && <ProblemBox error={service.error} onRetry={() => void service.refetch()} />}
        {service.data && <Views service={service.data} view={view} />}
      </Tabs>
    </article>
  );
}

/** The form stays alive behind the other views, so that an answer is not lost by reading the card. */
function Views({ service, view }: { readonly service: ServiceDetail; readonly view: View }) {
  return (
    <>
      <div hidden={view !== "try"}>
        <TryIt service={service} active={view === "try"} />
      </div>
      {view === "card" && <Card service={service} />}
      {view === "call" && <CallIt service={service} />}
    </>
  );
}
