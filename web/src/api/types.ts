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
  readonly content: "image" | "table";
  readonly notices: readonly LocalizedText[];
  readonly headline: readonly Measure[];
  readonly headline_part: string;
}

export interface TensorSpec {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly title: LocalizedText;
  readonly content: "scalar" | "category" | "image" | "tensor";
  readonly unit: string | null;
  readonly valid_range: readonly [number, number] | null;
  readonly missing: "reject" | "abstain" | "model";
  readonly categories: readonly LocalizedText[];
}

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

export interface Task {
  readonly name: string;
  readonly title: LocalizedText;
  readonly kind: string;
  readonly signature: { readonly inputs: readonly TensorSpec[]; readonly outputs: readonly TensorSpec[] };
  readonly classes: readonly ClassLabel[];
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
  readonly auroc_loss: number;
  readonly auroc_loss_interval: readonly [number, number];
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
  readonly classes: readonly string[];
  readonly threshold: number | null;
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
    readonly temperature: number;
    readonly threshold: number | null;
    readonly threshold_rule: string | null;
    readonly coverage: number;
  };
  readonly quality: QualityReport;
  readonly pictures: readonly ReportPicture[];
  readonly example: {
    readonly inputs?: Readonly<Record<string, number | null>>;
    readonly image_url?: string;
  };
}
