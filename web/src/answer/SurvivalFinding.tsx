import type { HorizonRisk, SampleAnswer, SurvivalView } from "../api/answers";
import type { Sample, ServiceDetail } from "../api/types";
import { visitTimes } from "../ask/visits";
import { convertTime } from "../format/timeUnits";
import { useSpeech } from "../state/language";
import { Dots, shareOf } from "./Frequency";
import { SurvivalPlot, type VisitCurve } from "./SurvivalPlot";
import { VisitTable } from "./VisitTable";

interface SurvivalFindingProps {
  readonly service: ServiceDetail;
  readonly view: SurvivalView;
  readonly earlier: readonly SampleAnswer[];
  readonly asked: Sample | null;
}

/** The median, the risk at each horizon, and the whole curve; after each visit, where there are visits. */
export function SurvivalFinding({ service, view, earlier, asked }: SurvivalFindingProps) {
  const { texts, formats, say } = useSpeech();
  const words = texts.survival;
  const curves = curvesOf(service, view, earlier, asked);
  const end = formats.quantity(view.last_time ?? view.times.at(-1) ?? 0, view.unit);
  const median = view.median_time === null ? null : formats.brief(view.median_time, view.unit);
  return (
    <>
      <div className="finding alone">
        <div className="finding-words">
          <p className="label">{words.label}</p>
          <h3 className="verdict">{median === null ? words.noMedian : words.median(median)}</h3>
          <p>{median === null ? words.noMedianWords(end) : words.medianWords(say(view.event), median)}</p>
          <p className="aside">{formats.sentences([words.lastTimeNote(end), words.bandNote])}</p>
        </div>
      </div>
      <ul className="risks">
        {view.risks.map((risk) => (
          <Risk key={risk.horizon} risk={risk} unit={view.unit} />
        ))}
      </ul>
      <SurvivalPlot view={view} curves={curves} />
      {curves.length > 1 && <VisitTable curves={curves} />}
    </>
  );
}

function Risk({ risk, unit }: { readonly risk: HorizonRisk; readonly unit: string }) {
  const { texts, formats } = useSpeech();
  const words = texts.survival;
  const frequency = risk.natural_frequency;
  return (
    <li className="risk">
      <span className="label">{words.riskAt(formats.quantity(risk.horizon, unit))}</span>
      {risk.risk === null ? (
        <strong>{words.unknown}</strong>
      ) : (
        <span className="figure-line">
          <strong>{formats.probability(risk.risk)}</strong>{" "}
          {risk.interval && (
            <span className="aside">{texts.answer.interval95(formats.probabilityRange(risk.interval[0], risk.interval[1]))}</span>
          )}
        </span>
      )}
      {frequency && (
        <>
          <span>{words.frequency(shareOf(frequency, texts, formats), formats.count(frequency.of))}</span>
          <Dots count={frequency.count} of={frequency.of} />
        </>
      )}
    </li>
  );
}

/** Each answer with the time of the visit that it follows, in the curve's unit; the latest last. */
function curvesOf(
  service: ServiceDetail,
  view: SurvivalView,
  earlier: readonly SampleAnswer[],
  asked: Sample | null,
): readonly VisitCurve[] {
  const events = service.task.signature.inputs.find((spec) => spec.content === "events");
  const visits = asked === null || events === undefined ? [] : visitTimes(asked, events);
  const first = visits[0] ?? 0;
  const begins = visits.map((time) => convertTime(time - first, events?.unit ?? view.unit, view.unit) ?? 0);
  const before = earlier.flatMap((answer, index) => {
    const origin = begins[index];
    return answer.survival && origin !== undefined ? [{ visit: index + 1, origin, view: answer.survival }] : [];
  });
  const origin = earlier.length > 0 ? (begins.at(-1) ?? 0) : 0;
  return [...before, { visit: earlier.length + 1, origin, view }];
}
