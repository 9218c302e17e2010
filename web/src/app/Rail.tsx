import type { ServiceSummary } from "../api/types";
import { Tag } from "../elements/Tag";
import { addressWith, goTo } from "../state/address";
import { useSpeech } from "../state/language";
import { followLink } from "./links";

interface RailProps {
  readonly services: readonly ServiceSummary[];
  readonly chosen: string;
}

/** The services, beside the one that is open. */
export function Rail({ services, chosen }: RailProps) {
  const { texts, say } = useSpeech();
  return (
    <nav className="rail" aria-label={texts.overview.rail}>
      <h2>{texts.overview.rail}</h2>
      <ul>
        {services.map((service) => {
          const target = { service: service.name, job: null } as const;
          return (
            <li key={service.name}>
              <a
                href={addressWith(target)}
                aria-current={service.name === chosen ? "page" : undefined}
                onClick={followLink(() => goTo(target))}
              >
                <span>{say(service.title)}</span>
                <small>{service.name}</small>
                {service.demonstration && <Tag attention>{texts.service.demonstration}</Tag>}
                {!service.ready && <Tag attention>{texts.service.loading}</Tag>}
              </a>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
