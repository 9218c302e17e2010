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

/** What each variable added in each stretch of time; null where nothing was observed. */
export interface HeatStrip {
  readonly input: string;
  readonly unit: string;
  readonly edges: readonly number[];
  readonly rows: readonly {
    readonly variable: string;
    readonly title: LocalizedText;
    readonly unit: string | null;
    readonly amounts: readonly (number | null)[];
  }[];
}

export interface SampleExplanation {
  readonly target: string | null;
  readonly quantity?: LocalizedText | null;
  readonly heatmap: Heatmap | null;
  readonly contributions: readonly Contribution[];
  readonly base: number | null;
  readonly output: number | null;
  readonly strip?: HeatStrip | null;
}

export interface SamplePicture {
  readonly width: number;
  readonly height: number;
  readonly png: string;
  readonly warnings: readonly LocalizedText[];
}

export type Range = readonly [low: number, high: number];
export type NaturalFrequency = { readonly count: number; readonly of: number };

export interface CoursePoint {
  readonly time: number;
  readonly probability: number | null;
}

export interface HorizonRisk {
  readonly horizon: number;
  readonly risk: number | null;
  readonly interval: Range | null;
  readonly natural_frequency: NaturalFrequency | null;
}

export interface SurvivalView {
  readonly event: LocalizedText;
  readonly unit: string;
  readonly times: readonly number[];
  readonly curve: readonly (number | null)[];
  readonly band: readonly (Range | null)[];
  readonly last_time: number | null;
  readonly median_time: number | null;
  readonly score: number | null;
  readonly risks: readonly HorizonRisk[];
}

export interface ContraindicationView {
  readonly name: string;
  readonly reason: LocalizedText;
  readonly source: string;
}

export interface OptionView {
  readonly option: string;
  readonly title: LocalizedText;
  readonly outcome: number | null;
  readonly interval: Range | null;
  readonly effect: number | null;
  readonly effect_interval: Range | null;
  readonly propensity: number | null;
  readonly contraindications: readonly ContraindicationView[];
}

export interface ChoiceView {
  readonly outcome: LocalizedText;
  readonly unit: string;
  readonly better: "higher" | "lower";
  readonly observational: boolean;
  readonly ranking: readonly string[];
  readonly options: readonly OptionView[];
}

export interface ValueView {
  readonly quantity: LocalizedText;
  readonly value: number;
  readonly interval: Range;
  readonly unit: string;
  readonly coverage: number;
}

export interface PlanBar {
  readonly row: string;
  readonly start: number;
  readonly end: number;
  readonly label: string;
  readonly kind: string;
}

export interface PlanChart {
  readonly name: string;
  readonly title: LocalizedText;
  readonly unit: string;
  readonly length: number;
  readonly rows: readonly string[];
  readonly bars?: readonly PlanBar[];
  readonly load?: readonly (readonly number[])[];
}

export interface PlanChange {
  readonly subject: string;
  readonly before: string;
  readonly after: string;
  readonly why: LocalizedText;
}

export interface WhatIf {
  readonly name: string;
  readonly title: LocalizedText;
  readonly cost: number;
  readonly saved: number;
}

export interface PlanView {
  readonly solution: string;
  readonly cost: number;
  readonly costs: Readonly<Record<string, number>>;
  readonly violations: Readonly<Record<string, number>>;
  readonly bound?: number | null;
  readonly changes?: readonly PlanChange[];
  readonly binding?: readonly LocalizedText[];
  readonly charts?: readonly PlanChart[];
  readonly what_if?: readonly WhatIf[];
  readonly seed?: number;
  readonly iterations?: number;
}

export interface SampleAnswer {
  readonly decision: { readonly class: string; readonly title: LocalizedText } | null;
  readonly probabilities: readonly ClassProbability[] | null;
  readonly prediction_set: readonly string[] | null;
  readonly abstention: { readonly reason: string; readonly message: LocalizedText } | null;
  readonly natural_frequency: NaturalFrequency | null;
  readonly course?: readonly CoursePoint[] | null;
  readonly survival?: SurvivalView | null;
  readonly choice?: ChoiceView | null;
  readonly value?: ValueView | null;
  readonly plan?: PlanView | null;
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
  /** Not on the wire: the answers to what was known before, oldest first. */
  readonly earlier?: readonly SampleAnswer[];
  readonly method?: string;
  readonly provenance: Provenance;
}
