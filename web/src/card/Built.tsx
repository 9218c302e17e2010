import type { ServiceDetail } from "../api/types";
import { Digest, Facts } from "../elements/Facts";
import { useSpeech } from "../state/language";
import { ruleName } from "./names";

/** Everything that made the model: the same lineage gives the same package. */
export function Built({ service }: { readonly service: ServiceDetail }) {
  const { texts, formats } = useSpeech();
  const words = texts.card;
  const { lineage, calibration } = service;
  const classifies = service.task.question.kind === "classification";
  const calibrated =
    calibration === null || !classifies
      ? []
      : [
          calibration.temperature === null ? "" : `${words.temperature} ${formats.measure(calibration.temperature)}`,
          calibration.threshold === null ? "" : `${texts.answer.threshold} ${formats.percent(calibration.threshold)}`,
          calibration.threshold_rule === null ? "" : ruleName(calibration.threshold_rule, texts, formats),
          calibration.coverage === null ? "" : `${words.coverage} ${formats.percent(calibration.coverage)}`,
        ];
  const recipe = Object.entries(lineage.recipe);
  return (
    <section className="wide">
      <h2>{words.built}</h2>
      <Facts
        rows={[
          [words.estimator, <code key="estimator">{`${lineage.pack}/${lineage.estimator}`}</code>],
          [words.seed, String(lineage.seed)],
          [words.code, <code key="code">{lineage.code}</code>],
          [words.calibration, formats.list(calibrated.filter((part) => part !== ""))],
          [texts.answer.digest, <Digest value={service.digest} key="digest" />],
          [words.signer, service.signer === null ? words.unsigned : <Digest value={service.signer} key="signer" />],
        ]}
      />
      {recipe.length > 0 && (
        <details>
          <summary>{words.recipe}</summary>
          <Facts rows={recipe.map(([name, value]) => [name, <code key={name}>{JSON.stringify(value)}</code>])} />
        </details>
      )}
    </section>
  );
}
