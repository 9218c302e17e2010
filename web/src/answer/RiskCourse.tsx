import type { CoursePoint, PredictionView } from "../api/answers";
import { classesOf, type ServiceDetail } from "../api/types";
import { Chart, type Frame, type Reading } from "../plots/Chart";
import { linePath } from "../plots/paths";
import { niceStep, ticks, timeTicks } from "../plots/scales";
import { useSpeech } from "../state/language";

interface RiskCourseProps {
  readonly course: readonly CoursePoint[];
  readonly answer: PredictionView;
  readonly service: ServiceDetail;
}

/** The risk as it was known hour by hour, with the threshold that calls the finding. */
export function RiskCourse({ course, answer, service }: RiskCourseProps) {
  const { texts, formats, say } = useSpeech();
  const words = texts.course;
  const finding = classesOf(service.task)[1];
  const unit = service.task.signature.inputs.find((spec) => spec.content === "events")?.unit ?? "h";
  const known = course.flatMap(({ time, probability }) => (probability === null ? [] : [{ time, probability }]));
  const [first, last] = [known[0], known.at(-1)];
  if (finding === undefined || first === undefined || last === undefined) return null;
  const title = say(finding.title);
  const end = Math.max(...course.map((point) => point.time));
  const highest = Math.max(answer.threshold ?? 0, ...known.map((point) => point.probability));
  const step = niceStep(highest * 1.25, 4);
  const top = Math.min(1, Math.ceil((highest * 1.15) / step) * step);
  const readings: readonly Reading[] = known.map(({ time, probability }) => ({
    x: time,
    y: probability,
    words: words.reading(formats.quantity(time, unit), formats.probability(probability)),
  }));
  return (
    <section className="plot">
      <h3>{words.title(title)}</h3>
      <Chart
        alt={words.alt(title, formats.probability(first.probability), formats.probability(last.probability))}
        xRange={[0, end]}
        yRange={[0, top]}
        xTicks={timeTicks(end, unit, 9).map((at) => ({ at, label: formats.quantity(at, null) }))}
        yTicks={ticks(0, top, 4).map((at) => ({ at, label: formats.percent(at) }))}
        xTitle={texts.plot.axisTime(formats.unit(unit))}
        yTitle={words.probability}
        readings={readings}
        labelRoom={76}
        height={280}
      >
        {(frame) => (
          <>
            {answer.threshold !== null && (
              <Threshold frame={frame} at={answer.threshold} text={`${texts.answer.threshold} ${formats.percent(answer.threshold)}`} />
            )}
            <path
              className="line"
              d={linePath(course.map(({ time, probability }) => (probability === null ? null : [frame.x.at(time), frame.y.at(probability)])))}
            />
            {known.map(({ time, probability }) => (
              <circle className="dot small" key={time} cx={frame.x.at(time)} cy={frame.y.at(probability)} r="3" />
            ))}
            <text className="direct" x={frame.x.at(last.time) + 10} y={frame.y.at(last.probability)} dominantBaseline="central">
              {formats.probability(last.probability)}
            </text>
          </>
        )}
      </Chart>
      <p className="aside">{words.note}</p>
    </section>
  );
}

function Threshold({ frame, at, text }: { readonly frame: Frame; readonly at: number; readonly text: string }) {
  const y = frame.y.at(at);
  return (
    <g className="guide">
      <path d={`M${frame.left} ${y}H${frame.right}`} />
      <text x={frame.left + 6} y={y - 7}>
        {text}
      </text>
    </g>
  );
}
