import { useQuery } from "@tanstack/react-query";
import { hasEnded, listJobs } from "../api/jobs";
import { followLink } from "../app/links";
import { Tag } from "../elements/Tag";
import { addressWith, goTo, useAddress } from "../state/address";
import { useKey } from "../state/key";
import { useSpeech } from "../state/language";

const POLL_MS = 5_000;
const SHOWN = 8;

/** The caller's jobs of this service, newest first. */
export function RecentJobs({ service }: { readonly service: string }) {
  const { texts, formats } = useSpeech();
  const words = texts.plan;
  const { job: chosen } = useAddress();
  const key = useKey();
  const jobs = useQuery({
    queryKey: ["jobs", service, key],
    queryFn: ({ signal }) => listJobs(service, signal),
    enabled: key !== null,
    refetchInterval: (query) => (query.state.data?.some((job) => !hasEnded(job)) ? POLL_MS : false),
  });
  if (jobs.data === undefined) return null;
  const newest = [...jobs.data].sort((a, b) => b.created_at.localeCompare(a.created_at)).slice(0, SHOWN);
  return (
    <section className="recent">
      <h2>{words.recent}</h2>
      {newest.length === 0 ? (
        <p className="aside">{words.recentNone}</p>
      ) : (
        <ul>
          {newest.map((job) => (
            <li key={job.id}>
              <a
                href={addressWith({ job: job.id })}
                aria-current={job.id === chosen ? "true" : undefined}
                onClick={followLink(() => goTo({ job: job.id }))}
              >
                {words.open(formats.instant(job.created_at))}
              </a>
              <Tag>{words.states[job.state]}</Tag>
              <span className="aside">
                {job.progress?.cost === null || job.progress === null ? "" : formats.labelled(words.cost, formats.quantity(job.progress.cost, null))}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
