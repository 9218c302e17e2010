import type { ServiceDetail } from "../api/types";
import { cardAddress } from "../api/client";
import { useSpeech } from "../state/language";
import { Built } from "./Built";
import { DataSection } from "./DataSection";
import { Goals, Measures } from "./Measures";
import { questionUnit } from "./names";
import { Variants } from "./Variants";

/** The model's card: what it is for, where it fails, how good it is, and what made it. */
export function Card({ service }: { readonly service: ServiceDetail }) {
  const { texts, say, language } = useSpeech();
  const words = texts.card;
  const unit = questionUnit(service.task.question);
  return (
    <div className="card">
      <section>
        <h2>{words.use}</h2>
        <p>{say(service.task.intended_use)}</p>
      </section>
      <section>
        <h2>{words.limits}</h2>
        <p>{say(service.task.limits)}</p>
      </section>
      <section className="wide">
        <h2>{words.measures}</h2>
        <p className="aside">{words.measuresLead}</p>
        <Measures reports={service.evaluation} unit={unit} />
        <Goals goals={service.task.goals} unit={unit} />
      </section>
      {service.pictures.length > 0 && (
        <section className="wide">
          <h2>{words.pictures}</h2>
          <div className="report-pictures">
            {service.pictures.map((picture) => (
              <figure key={picture.name}>
                <img src={picture.url} alt={altOf(picture.name, say(picture.title), service)} loading="lazy" />
                <figcaption>{say(picture.title)}</figcaption>
              </figure>
            ))}
          </div>
        </section>
      )}
      <DataSection service={service} />
      <Built service={service} />
      <Variants service={service} />
      <p className="wide">
        <a href={cardAddress(service.name, language)}>{words.markdown}</a>
      </p>
    </div>
  );
}

/** What a picture shows, with the figure that sums it up. */
function altOf(picture: string, title: string, service: ServiceDetail): string {
  const summary: Readonly<Record<string, string>> = { roc: "auroc", pr: "auprc", reliability: "ece", risk_coverage: "augrc", brier: "ibs", calibration: "d_calibration" };
  const figures = service.evaluation.flatMap((report) => {
    const measure = report.measures.find((m) => m.name === summary[picture] && m.subgroup === null);
    return measure?.value === undefined || measure.value === null ? [] : [`${report.part} ${measure.value.toFixed(3)}`];
  });
  return figures.length === 0 ? title : `${title}: ${summary[picture]?.toUpperCase()} ${figures.join(", ")}`;
}
