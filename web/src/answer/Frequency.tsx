import type { NaturalFrequency, SampleAnswer } from "../api/answers";
import { classesOf, type ServiceDetail } from "../api/types";
import type { Formats } from "../format/formats";
import { useSpeech } from "../state/language";
import type { Texts } from "../texts/texts";

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
  const classes = classesOf(service.task);
  const binary = classes.length === 2 ? classes[1]?.title : undefined;
  const title = binary ?? sample.decision?.title;
  if (frequency === null || title === undefined) return null;
  const { frequencyPicture, frequencyTable, frequencyPatients } = texts.answer;
  const words = service.content === "image" ? frequencyPicture : service.content === "events" ? frequencyPatients : frequencyTable;
  return (
    <>
      <p>{words(shareOf(frequency, texts, formats), formats.count(frequency.of), say(title))}</p>
      <Dots count={frequency.count} of={frequency.of} />
    </>
  );
}

/** "About 12", and never all or none. */
export function shareOf({ count, of }: NaturalFrequency, texts: Texts, formats: Formats): string {
  const { about, moreThan, fewerThan } = texts.answer;
  if (count === 0) return fewerThan(formats.count(1));
  return count === of ? moreThan(formats.count(of - 1)) : about(formats.count(count));
}

export function Dots({ count, of }: { readonly count: number; readonly of: number }) {
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
