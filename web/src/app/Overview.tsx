import type { ServiceSummary } from "../api/types";
import { Notices } from "../elements/Notices";
import { addressWith, goTo } from "../state/address";
import { useSpeech } from "../state/language";
import { Headline } from "./Headline";
import { followLink } from "./links";
import { ServiceFacts } from "./ServiceFacts";

/** Everything that is deployed, with how good it is. */
export function Overview({ services }: { readonly services: readonly ServiceSummary[] }) {
  const { texts } = useSpeech();
  return (
    <div className="overview">
      <h1>{texts.overview.title}</h1>
      <p className="lead">{texts.overview.lead}</p>
      <ul className="service-list">
        {services.map((service) => (
          <li key={service.name}>
            <ServiceEntry service={service} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function ServiceEntry({ service }: { readonly service: ServiceSummary }) {
  const { say } = useSpeech();
  const target = { service: service.name, view: "try", job: null } as const;
  return (
    <article className="service-entry">
      <div>
        <h2>
          <a href={addressWith(target)} onClick={followLink(() => goTo(target))}>
            {say(service.title)}
          </a>
        </h2>
        <ServiceFacts service={service} />
        <Notices service={service} />
      </div>
      <Headline service={service} />
    </article>
  );
}

/** Nothing is deployed: what to do next. */
export function EmptyHouse() {
  const { texts } = useSpeech();
  return (
    <section className="blank">
      <h1>{texts.overview.empty}</h1>
      <p>{texts.overview.emptyNext}</p>
      <pre>
        <code>{"salus build breast_cancer/malignancy\nsalus deploy breast_cancer.malignancy --candidate"}</code>
      </pre>
      <p className="aside">{texts.overview.emptyThen}</p>
    </section>
  );
}

export function OverviewSkeleton() {
  return (
    <div className="overview" aria-busy="true">
      <div className="skeleton line tall" />
      <div className="skeleton line" />
      <div className="skeleton block" />
      <div className="skeleton block" />
    </div>
  );
}
