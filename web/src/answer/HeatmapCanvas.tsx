import { useEffect, useRef } from "react";
import type { Heatmap, SamplePicture } from "../api/answers";
import { paintHeatmap, strongestThird } from "../plots/heatmap";
import { useSpeech } from "../state/language";

const LONGEST_PX = 512;

interface HeatmapCanvasProps {
  readonly picture: SamplePicture;
  readonly heatmap: Heatmap;
  readonly title: string;
  readonly opacity: number;
}

/** The evidence on a canvas of the picture's shape; what it shows is also said in words. */
export function HeatmapCanvas({ picture, heatmap, title, opacity }: HeatmapCanvasProps) {
  const { texts } = useSpeech();
  const canvas = useRef<HTMLCanvasElement>(null);
  const scale = LONGEST_PX / Math.max(picture.width, picture.height);
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    context?.putImageData(new ImageData(paintHeatmap(heatmap, width, height), width, height), 0, 0);
  }, [heatmap, width, height]);
  const [row, column] = strongestThird(heatmap);
  const place = texts.evidence.places[row]?.[column] ?? "";
  return (
    <canvas
      ref={canvas}
      width={width}
      height={height}
      style={{ opacity }}
      role="img"
      aria-label={texts.evidence.alt(title, place)}
    />
  );
}
