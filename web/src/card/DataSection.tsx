import type { LocalizedText, QualityFinding, ServiceDetail, Task } from "../api/types";
import { Digest, Facts } from "../elements/Facts";
import { Tag } from "../elements/Tag";
import { useSpeech } from "../state/language";
import type { Texts } from "../texts/texts";
import { partName } from "./names";

/** The training data: whose it is, how much, and what the checks found in it. */
export function DataSection({ service }: { readonly service: ServiceDetail }) {
  const { texts, formats, say } = useSpeech();
  const words = texts.card;
  const { dataset, dataset_digest, samples } = service.lineage;
  const counts = Object.entries(samples).map(([part, count]) => `${partName(part, texts)} ${formats.count(count)}`);
  const titles = labelTitles(service.task, texts);
  const className = (index: string) => {
    const title = titles[Number(index)];
    return title ? say(title) : index;
  };
  const balances = Object.entries(titles.length === 0 ? {} : service.quality.balance).map(([part, shares]) => {
    const classes = Object.entries(shares).map(([index, share]) => `${className(index)} ${formats.percent(share)}`);
    return formats.labelled(partName(part, texts), formats.list(classes));
  });
  return (
    <section className="wide">
      <h2>{words.data}</h2>
      <Facts
        rows={[
          [words.dataset, say(dataset.title)],
          [words.source, dataset.url === "" ? null : <a href={dataset.url} key="url" rel="noreferrer">{dataset.url}</a>],
          [words.licence, dataset.licence],
          [words.citation, dataset.citation],
          [texts.answer.digest, <Digest value={dataset_digest} key="digest" />],
          [words.samples, formats.list(counts)],
          [words.balance, balances.length === 0 ? null : balances.map((line) => <div key={line}>{line}</div>)],
        ]}
      />
      <h3>{words.quality}</h3>
      {service.quality.findings.length === 0 ? (
        <p className="aside">{words.qualityNone}</p>
      ) : (
        <ul className="findings">
          {service.quality.findings.map((finding) => (
            <Finding key={finding.check + finding.message.en} finding={finding} allowed={service.quality.allowed} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** What the label of each index means: classes, options, or whether the event was observed. */
function labelTitles({ question }: Task, texts: Texts): readonly LocalizedText[] {
  switch (question.kind) {
    case "classification":
      return question.classes.map((label) => label.title);
    case "treatment":
      return question.options.map((option) => option.title);
    case "survival":
      return [{ en: texts.card.censored, zh: texts.card.censored }, question.event];
    default:
      return [];
  }
}

interface FindingProps {
  readonly finding: QualityFinding;
  readonly allowed: readonly string[];
}

function Finding({ finding, allowed }: FindingProps) {
  const { texts, say } = useSpeech();
  return (
    <li>
      <Tag attention={finding.severity !== "note"}>{texts.severity[finding.severity]}</Tag>
      <div>
        <p>{say(finding.message)}</p>
        <p className="aside">
          <code>{finding.check}</code>
          {allowed.includes(finding.check) && <> ({texts.card.allowed})</>}
        </p>
      </div>
    </li>
  );
}
