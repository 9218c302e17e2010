import type { PredictionView } from "../api/answers";
import type { ServiceDetail } from "../api/types";
import { Digest, Facts } from "../elements/Facts";
import { useSpeech } from "../state/language";

interface ProvenanceFactsProps {
  readonly answer: PredictionView;
  readonly service: ServiceDetail;
}

/** Which model, version, data and engine gave the answer, and under which id it can be found again. */
export function ProvenanceFacts({ answer, service }: ProvenanceFactsProps) {
  const { texts, formats, say } = useSpeech();
  const words = texts.answer;
  const from = answer.provenance;
  return (
    <section className="provenance">
      <h3>{words.provenance}</h3>
      <Facts
        rows={[
          [words.service, formats.list([from.service, `${texts.service.version} ${from.version}`])],
          [words.digest, <Digest value={from.digest} key="digest" />],
          [words.variant, from.variant],
          [words.engine, from.backend],
          [
            words.data,
            <span key="data">
              {say(service.lineage.dataset.title)} <Digest value={from.dataset_digest} />
            </span>,
          ],
          [words.method, answer.method ?? null],
          [words.answeredAt, formats.instant(from.answered_at)],
          [words.request, <code key="request">{answer.request_id}</code>],
        ]}
      />
    </section>
  );
}
