import { useEffect, useState } from "react";
import type { Heatmap, SamplePicture } from "../api/answers";
import type { LocalizedText } from "../api/types";
import { cssColour, viridis } from "../plots/colormap";
import { useSpeech } from "../state/language";
import { HeatmapCanvas } from "./HeatmapCanvas";

const SMALL_PX = 160;
const STOPS = 12;

interface PictureEvidenceProps {
  readonly picture: SamplePicture;
  readonly heatmap: Heatmap | null;
  readonly target: LocalizedText | null;
  readonly active: boolean;
}

/** The picture as it is, and beside it the same picture under the evidence: the heat map never covers the only view. */
export function PictureEvidence({ picture, heatmap, target, active }: PictureEvidenceProps) {
  const { texts, formats, say } = useSpeech();
  const words = texts.evidence;
  const [opacity, setOpacity] = useState(0.6);
  const [visible, setVisible] = useState(true);
  useHideKey(active && heatmap !== null, () => setVisible((before) => !before));
  const width = formats.count(picture.width);
  const height = formats.count(picture.height);
  const small = Math.max(picture.width, picture.height) < SMALL_PX;
  const size = words.size(width, height) + (small ? `, ${words.enlarged}` : "");
  const image = (alt: string) => (
    <img className={small ? "plain pixelated" : "plain"} src={picture.png} alt={alt} width={picture.width} height={picture.height} />
  );
  return (
    <section className="evidence">
      {picture.warnings.map((warning) => (
        <p className="notice" key={warning.en}>
          {say(warning)}
        </p>
      ))}
      <div className="views">
        <figure>
          <figcaption>{words.plain}</figcaption>
          <div className="film">{image(words.pictureAlt(width, height))}</div>
          <p className="aside under-film">{size}</p>
        </figure>
        {heatmap && target && (
          <figure>
            <figcaption>{words.overlay(say(target))}</figcaption>
            <div className="film">
              {image("")}
              <HeatmapCanvas picture={picture} heatmap={heatmap} title={say(target)} opacity={visible ? opacity : 0} />
            </div>
            <div className="heatmap-controls">
              <label>
                {words.opacity}
                <input
                  type="range"
                  min="0"
                  max="1"
                  step="0.05"
                  value={opacity}
                  aria-valuetext={formats.percent(opacity)}
                  onChange={(event) => setOpacity(Number(event.target.value))}
                />
              </label>
              <button type="button" className="quiet" aria-keyshortcuts="h" onClick={() => setVisible(!visible)}>
                {visible ? words.hide : words.show} <kbd>H</kbd>
              </button>
              <Scale />
            </div>
          </figure>
        )}
      </div>
      {heatmap && <p className="aside">{words.note}</p>}
    </section>
  );
}

/** The colours with direct labels at their ends. */
function Scale() {
  const { texts } = useSpeech();
  const stops = Array.from({ length: STOPS }, (_, index) => cssColour(viridis(index / (STOPS - 1))));
  return (
    <p className="scale">
      <span>{texts.evidence.weak}</span>
      <span
        className="scale-bar"
        role="img"
        aria-label={texts.evidence.scale}
        title={texts.evidence.scale}
        style={{ backgroundImage: `linear-gradient(to right, ${stops.join(", ")})` }}
      />
      <span>{texts.evidence.strong}</span>
    </p>
  );
}

/** H hides and shows, from anywhere but a field that takes letters. */
function useHideKey(listening: boolean, toggle: () => void): void {
  useEffect(() => {
    if (!listening) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "h" || event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target;
      const writes = target instanceof HTMLElement && target.matches("input:not([type=range]), textarea, select");
      if (!writes) toggle();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });
}
