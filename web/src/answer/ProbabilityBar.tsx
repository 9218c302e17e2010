import type { CSSProperties } from "react";
import type { ClassProbability } from "../api/answers";
import { useSpeech } from "../state/language";

interface ProbabilityBarProps {
  readonly entry: ClassProbability;
  readonly threshold: number | null;
}

/** Places a mark at a share of the bar; its label leans inwards, so that it never leaves the bar. */
function at(share: number): CSSProperties {
  return { "--at": Math.min(1, Math.max(0, share)) } as CSSProperties;
}

/** From 0 to 100 %: the probability as a dot, its interval as a band, the threshold as a line. */
export function ProbabilityBar({ entry, threshold }: ProbabilityBarProps) {
  const { texts, formats, say } = useSpeech();
  const [low, high] = entry.interval;
  const value = formats.probability(entry.probability);
  const range = formats.probabilityRange(low, high);
  const limit = threshold === null ? "" : formats.percent(threshold);
  const band = { "--at": low, "--to": high } as CSSProperties;
  return (
    <figure className="probability">
      <figcaption>
        <span className="label">{texts.answer.probabilityOf(say(entry.title))}</span>
        <span className="figure-line">
          <strong>{value}</strong> <span className="aside">{texts.answer.interval95(range)}</span>
        </span>
      </figcaption>
      <div className="bar-track" role="img" aria-label={texts.answer.barAlt(say(entry.title), value, range, limit)}>
        <div className="bar-fill" style={at(entry.probability)} />
        <div className="bar-band" style={band} />
        <div className="bar-dot" style={at(entry.probability)} />
        {threshold !== null && <div className="bar-threshold" style={at(threshold)} />}
      </div>
      <div className="bar-labels" aria-hidden="true">
        {threshold === null ? (
          <>
            <span style={at(0)}>0</span>
            <span style={at(1)}>{formats.percent(1)}</span>
          </>
        ) : (
          <span className="bar-threshold-label" style={at(threshold)}>
            {texts.answer.threshold} {limit}
          </span>
        )}
      </div>
    </figure>
  );
}
