/** Visits so far, out of the observations of an events input: those of one time belong together. */

import type { Observation, Sample, TensorSpec } from "../api/types";

export function observationsOf(sample: Sample, spec: TensorSpec): readonly Observation[] {
  const value = sample[spec.name];
  return Array.isArray(value) ? (value as readonly Observation[]) : [];
}

/** The times of the visits, ascending, each once. */
export function visitTimes(sample: Sample, spec: TensorSpec): readonly number[] {
  return [...new Set(observationsOf(sample, spec).map((entry) => entry.time))].sort((a, b) => a - b);
}

/** The sample as it was known after the first, the second, … visit, without the last. */
export function earlierSamples(sample: Sample, spec: TensorSpec, most: number): readonly Sample[] {
  const all = observationsOf(sample, spec);
  return visitTimes(sample, spec)
    .slice(0, -1)
    .slice(0, most)
    .map((until) => ({ ...sample, [spec.name]: all.filter((entry) => entry.time <= until) }));
}
