import type { SampleAnswer } from "../api/answers";
import type { ServiceDetail } from "../api/types";
import { useSpeech } from "../state/language";

const COLUMNS = 20;
const PITCH = 11;

interface FrequencyProps {
  readonly sample: SampleAnswer;
  readonly service: ServiceDetail;
}

/** The probability of the finding as a natural frequency: in words, never as all or none, and as so many dots. */
export function Frequency({ sample, service }: FrequencyProps) {
  const { texts, formats, say } = useSpeech();
  const frequency = sample.natural_frequency;
  const binary = service.task.classes.length === 2 ? service.task.classes[1]?.title : undefined;
  const title = binary ?? sample.decision?.title;
  if (frequency === null || title === undefined) return null;
  const { count, of } = frequency;
  const { about, moreThan, fewerThan } = texts.answer;
  const share =
    count === 0 ? fewerThan(formats.count(1)) : count === of ? moreThan(formats.count(of - 1)) : about(formats.count(count));
  const words = service.content === "image" ? texts.answer.frequencyPicture : texts.answer.frequencyTable;
  return (
    <>
      <p>{words(share, formats.count(of), say(title))}</p>
      <Dots count={count} of={of} />
    </>
  );
}

function Dots({ count, of }: { readonly count: number; readonly of: number }) {
  const rows = Math.ceil(of / COLUMNS);
  return (
    <svg
      className="dots"
      viewBox={`0 0 ${COLUMNS * PITCH} ${rows * PITCH}`}
      width={COLUMNS * PITCH}
      height={rows * PITCH}
      aria-hidden="true"
    >
      {Array.from({ length: of }, (_, index) => (
        <circle
          key={index}
          className={index < count ? "on" : "off"}
          cx={(index % COLUMNS) * PITCH + PITCH / 2}
          cy={Math.floor(index / COLUMNS) * PITCH + PITCH / 2}
          r={3.5}
        />
      ))}
    </svg>
  );
}
