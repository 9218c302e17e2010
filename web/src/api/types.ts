/** The JSON of `/api/v1`, as the gateway writes it. Structures follow `salus.contracts`. */

export interface LocalizedText {
  readonly en: string;
  readonly zh: string;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
  readonly level: number;
}

export interface Measure {
  readonly name: string;
  readonly value: number | null;
  readonly interval: Interval | null;
  readonly samples: number;
  readonly subgroup: string | null;
}

export interface ServiceSummary {
  readonly name: string;
  readonly title: LocalizedText;
  readonly version: string;
  readonly digest: string;
  readonly variant: string;
  readonly backend: string;
  readonly stage: string;
  readonly ready: boolean;
  readonly demonstration: boolean;
  readonly signer: string | null;
  readonly kind: string;
  readonly content: "image" | "table" | "events" | "document";
  readonly notices: readonly LocalizedText[];
  readonly headline: readonly Measure[];
  readonly headline_part: string;
}

/** What may be observed over time; `unit` is UCUM. */
export interface Variable {
  readonly name: string;
  readonly title: LocalizedText;
  readonly unit: string;
  readonly valid_range: readonly [number, number] | null;
}

export interface TensorSpec {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly title: LocalizedText;
  readonly content: "scalar" | "category" | "image" | "events" | "document" | "tensor";
  readonly unit: string | null;
  readonly valid_range: readonly [number, number] | null;
  readonly missing: "reject" | "abstain" | "model";
  readonly categories: readonly LocalizedText[];
  readonly variables?: readonly Variable[];
  readonly fewest?: number;
}

/** One row of an events input, as it travels. */
export interface Observation {
  readonly time: number;
  readonly variable: string;
  readonly value: number;
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** What one input of a sample may hold on the wire. */
export type InputValue = number | null | readonly Observation[] | string | { readonly [name: string]: Json };
export type Sample = Readonly<Record<string, InputValue>>;

export interface ClassLabel {
  readonly name: string;
  readonly title: LocalizedText;
}

export interface Goal {
  readonly measure: string;
  readonly at_least: number | null;
  readonly at_most: number | null;
  readonly subgroup: string | null;
}

export interface Classification {
  readonly kind: "classification";
  readonly classes: readonly ClassLabel[];
  readonly course?: readonly number[];
}

export interface TimeToEvent {
  readonly kind: "survival";
  readonly event: LocalizedText;
  readonly unit: string;
  readonly times: readonly number[];
  readonly horizons: readonly number[];
  readonly dynamic?: boolean;
}

export interface Choice {
  readonly kind: "treatment";
  readonly options: readonly { readonly name: string; readonly title: LocalizedText }[];
  readonly outcome: LocalizedText;
  readonly unit: string;
  readonly better: "higher" | "lower";
  readonly observational?: boolean;
}

export interface Regression {
  readonly kind: "regression";
  readonly quantity: LocalizedText;
  readonly unit: string;
  readonly coverage?: number;
}

export interface Planning {
  readonly kind: "planning";
  readonly formats: readonly string[];
  readonly costs: readonly { readonly name: string; readonly title: LocalizedText }[];
  readonly time_limit_s: number;
}

export type AskedQuestion = Classification | TimeToEvent | Choice | Regression | Planning;

export interface Task {
  readonly name: string;
  readonly title: LocalizedText;
  readonly question: AskedQuestion;
  readonly signature: { readonly inputs: readonly TensorSpec[]; readonly outputs: readonly TensorSpec[] };
  readonly intended_use: LocalizedText;
  readonly limits: LocalizedText;
  readonly goals: readonly Goal[];
  readonly demonstration: boolean;
}

export interface Variant {
  readonly name: string;
  readonly precision: string;
  readonly size: number;
  readonly max_abs_difference: number;
  readonly measure: string;
  readonly loss: number;
  readonly loss_interval: readonly [number, number];
  readonly within_tolerance: boolean;
}

export interface Lineage {
  readonly dataset: {
    readonly name: string;
    readonly title: LocalizedText;
    readonly url: string;
    readonly licence: string;
    readonly citation: string;
    readonly synthetic: boolean;
  };
  readonly dataset_digest: string;
  readonly samples: Readonly<Record<string, number>>;
  readonly code: string;
  readonly pack: string;
  readonly estimator: string;
  readonly seed: number;
  readonly recipe: Readonly<Record<string, unknown>>;
  readonly allowed_findings: readonly string[];
}

export interface EvaluationReport {
  readonly part: string;
  readonly samples: number;
  readonly measures: readonly Measure[];
}

export interface QualityFinding {
  readonly check: string;
  readonly severity: "note" | "warning" | "refusal";
  readonly message: LocalizedText;
  readonly count: number;
}

export interface QualityReport {
  readonly dataset: string;
  readonly samples: Readonly<Record<string, number>>;
  readonly balance: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly findings: readonly QualityFinding[];
  readonly allowed: readonly string[];
}

export interface ReportPicture {
  readonly name: string;
  readonly title: LocalizedText;
  readonly url: string;
}

export interface ServiceDetail extends ServiceSummary {
  readonly task: Task;
  readonly lineage: Lineage;
  readonly variants: readonly Variant[];
  readonly evaluation: readonly EvaluationReport[];
  readonly calibration: {
    readonly temperature: number | null;
    readonly threshold: number | null;
    readonly threshold_rule: string | null;
    readonly coverage: number | null;
  } | null;
  readonly quality: QualityReport;
  readonly pictures: readonly ReportPicture[];
  readonly example: {
    readonly inputs?: Sample;
    readonly image_url?: string;
  };
}

/** The classes of a classification; none of other questions. */
export function classesOf(task: Task): readonly ClassLabel[] {
  return task.question.kind === "classification" ? task.question.classes : [];
}
