/** The JSON of an answer: `PredictionView` of `/api/v1`, with the parts that only explanations have. */

import type { LocalizedText, Measure } from "./types";

export interface ClassProbability {
  readonly class: string;
  readonly title: LocalizedText;
  readonly probability: number;
  readonly interval: readonly [number, number];
}

export interface Contribution {
  readonly name: string;
  readonly title: LocalizedText;
  readonly value: number | null;
  readonly unit: string | null;
  readonly amount: number;
}

export interface Heatmap {
  readonly height: number;
  readonly width: number;
  readonly values: readonly (readonly number[])[];
}

export interface SampleExplanation {
  readonly target: string;
  readonly heatmap: Heatmap | null;
  readonly contributions: readonly Contribution[];
  readonly base: number | null;
  readonly output: number | null;
}

export interface SamplePicture {
  readonly width: number;
  readonly height: number;
  readonly png: string;
  readonly warnings: readonly LocalizedText[];
}

export interface SampleAnswer {
  readonly decision: { readonly class: string; readonly title: LocalizedText } | null;
  readonly probabilities: readonly ClassProbability[] | null;
  readonly prediction_set: readonly string[] | null;
  readonly abstention: { readonly reason: string; readonly message: LocalizedText } | null;
  readonly natural_frequency: { readonly count: number; readonly of: number } | null;
  readonly image?: SamplePicture | null;
  readonly explanation?: SampleExplanation | null;
}

export interface Provenance {
  readonly service: string;
  readonly package: string;
  readonly version: string;
  readonly digest: string;
  readonly variant: string;
  readonly backend: string;
  readonly dataset_digest: string;
  readonly demonstration: boolean;
  readonly reviewed: boolean;
  readonly answered_at: string;
}

export interface PredictionView {
  readonly request_id: string;
  readonly service: string;
  readonly version: string;
  readonly status: string;
  readonly threshold: number | null;
  readonly threshold_rule: string | null;
  readonly operating_point: {
    readonly sensitivity: Measure;
    readonly specificity: Measure;
    readonly part: string;
  } | null;
  readonly samples: readonly SampleAnswer[];
  readonly method?: string;
  readonly provenance: Provenance;
}
