"""Survival: every estimator on every study, and progression by landmarks, as Markdown.

Run: `python -m benchmarks.survival --data-dir FOLDER`, FOLDER holding `survival-deepsurv` and `pbc2`. Estimators are
those of the pack as they come; test parts are read once each. Training times are processor seconds on one thread.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from salus.contracts.batches import Array, rectangular_parts
from salus.contracts.datasets import Dataset, Split
from salus.contracts.packs import DataRequest, TaskKit
from salus.contracts.predictors import FitOptions, Json, Predictor
from salus.contracts.progress import Silence
from salus.contracts.reports import Interval
from salus.contracts.survival import TimeToEvent
from salus.data.splitting import split_by_subject
from salus.evaluation.survival.answers import SurvivalAnswers, read_answers
from salus.evaluation.survival.calibration import d_calibration_p
from salus.evaluation.survival.measures import find_values, paired_loss
from salus_packs.survival.pack import PACK

SEED = 0
RESAMPLES = 1000
LANDMARKS_A = (0.5, 1.0, 2.0, 3.0, 5.0)
AFTER_A = (1.0, 2.0, 3.0)
FOLDS = 5
PUBLISHED = {"whas_as_published": 0.863, "support": 0.618, "metabric": 0.643, "rotterdam_gbsg": 0.668}
"""DeepSurv's C-index on the same test parts (Katzman et al. 2018, tables 1 and 2)."""

REMEMBERING: Mapping[str, Json] = {"leaves": 31, "samples_per_leaf": 1, "l2": 0.1, "learning_rate": 0.1}
"""Boosting for WHAS as published, chosen on a validation part that shares rows with training, as the test does."""

Row = tuple[str, str, SurvivalAnswers, float]


@dataclass(frozen=True)
class Trial:
    """One study as it is measured: its name in the table, its kit and its data."""

    name: str
    kit: TaskKit
    dataset: Dataset

    @property
    def question(self) -> TimeToEvent:
        """The task's question."""
        question = self.kit.task.question
        assert isinstance(question, TimeToEvent)
        return question


def answer(predictor: Predictor, part: Split) -> dict[str, Array]:
    """A predictor's outputs for a whole part."""
    outputs: dict[str, Array] = {}
    for indices, batch in rectangular_parts(part.inputs, most=512):
        for name, values in predictor.predict(batch).items():
            whole = outputs.setdefault(name, np.zeros((len(part), *values.shape[1:]), dtype=values.dtype))
            whole[indices] = values
    return outputs


def fit(trial: Trial, estimator: str, hyperparameters: Mapping[str, Json]) -> tuple[Predictor, float]:
    """The fitted predictor, and the processor seconds that it took."""
    options = FitOptions(hyperparameters=hyperparameters)
    began = time.process_time()
    made = trial.kit.estimators[estimator](options)
    predictor = made.fit(trial.dataset.train, trial.dataset.validation, rng=np.random.default_rng(SEED))
    return predictor, time.process_time() - began


def as_published(dataset: Dataset) -> Dataset:
    """Training divided by row, whatever repeats, so that validation shares rows with training as the test part does."""
    whole = join(dataset.train, dataset.validation)
    rows = split_by_subject(whole.sample_ids, whole.labels, fractions={"train": 0.8, "validation": 0.2}, seed=SEED)
    return replace(dataset, train=whole.take(rows["train"]), validation=whole.take(rows["validation"]))


def join(a: Split, b: Split) -> Split:
    """Two parts as one."""
    return Split(
        inputs={name: np.concatenate([a.inputs[name], b.inputs[name]]) for name in a.inputs},
        labels=np.concatenate([a.labels, b.labels]),
        sample_ids=np.concatenate([a.sample_ids, b.sample_ids]),
        subjects=np.concatenate([a.subjects, b.subjects]),
        targets={name: np.concatenate([a.targets[name], b.targets[name]]) for name in a.targets},
    )


def list_trials(request: DataRequest, wanted: set[str]) -> Iterator[Trial]:
    """The studies; WHAS twice, as published and with each row once and in one part alone."""
    for kit in PACK.kits:
        if not isinstance(kit, TaskKit) or kit.task.name == "progression" or kit.task.name not in wanted:
            continue
        dataset = kit.read_dataset(request, SEED)
        if kit.task.name == "whas":
            yield Trial("whas_as_published", kit, as_published(dataset))
        yield Trial(kit.task.name, kit, kit.mended(dataset))


def measure_trial(trial: Trial) -> Iterator[Row]:
    """Each estimator's answers on the test part."""
    test = trial.dataset.test
    assert test is not None
    for estimator in trial.kit.estimators:
        yield (trial.name, estimator, *_fit_and_answer(trial, estimator, test, {}))
    if trial.name == "whas_as_published":
        yield (trial.name, "boosting that remembers", *_fit_and_answer(trial, "boosting", test, REMEMBERING))


def _fit_and_answer(
    trial: Trial, estimator: str, test: Split, hyperparameters: Mapping[str, Json]
) -> tuple[SurvivalAnswers, float]:
    predictor, seconds = fit(trial, estimator, hyperparameters)
    return read_answers(answer(predictor, test), test, trial.question), seconds


def write_row(row: Row, reference: SurvivalAnswers) -> str:
    """One line of the table; the last column is by how much the integrated Brier score is below that of `reference`."""
    study, estimator, answers, seconds = row
    found = find_values(("c_index", "c_index_ipcw", "ibs"), answers, seed=SEED, resamples=RESAMPLES)
    gain, low, high = paired_loss("ibs", reference, answers, seed=SEED, resamples=RESAMPLES)
    published = PUBLISHED.get(study)
    cells = [
        f"`{study}` ({len(answers)})",
        estimator,
        *(_words(*found[name]) for name in ("c_index", "c_index_ipcw", "ibs")),
        f"{gain:+.4f} ({low:+.4f} to {high:+.4f})",
        f"{d_calibration_p(answers):.2f}",
        "" if published is None else f"{published:.3f}",
        f"{seconds:.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


def _words(value: float | None, interval: Interval | None) -> str:
    if value is None or interval is None:
        return "not defined"
    return f"{value:.3f} ({interval.low:.3f} to {interval.high:.3f})"


def at_landmark(predictor: Predictor, part: Split, landmark: float, question: TimeToEvent) -> SurvivalAnswers | None:
    """Who is still observed at a landmark, asked from the visits up to it.

    The curve begins at the last visit v; S(landmark + u) is divided by S(landmark), both linear between the curve's
    times, since the person is known to have lived so long.
    """
    start = np.array([float(events[:, 0].max()) for events in part.inputs["events"]])
    chosen = []
    for person in np.unique(part.subjects):
        visits = np.flatnonzero((part.subjects == person) & (start <= landmark))
        if visits.size:
            last = int(visits[np.argmax(start[visits])])
            if start[last] + part.targets["time"][last] > landmark:
                chosen.append(last)
    if not chosen:
        return None
    asked = part.take(np.array(chosen))
    curves = answer(predictor, asked)["survival"].astype(np.float64)
    waited = landmark - start[chosen]
    times, whole = np.array([0.0, *question.times]), np.concatenate([np.ones((len(chosen), 1)), curves], axis=1)
    after = np.array(AFTER_A)
    survival = np.stack(
        [
            np.interp(gone + after, times, curve) / np.interp(gone, times, curve)
            for gone, curve in zip(waited, whole, strict=True)
        ]
    )
    return SurvivalAnswers(
        asked.targets["time"] - waited, asked.labels == 1, 1 - survival[:, -1], survival, after, AFTER_A
    )


def measure_progression(kit: TaskKit, request: DataRequest) -> Iterator[str]:
    """Landmarks in five-fold cross-validation by patient over all at hand; each answer is from other patients."""
    dataset = kit.read_dataset(request, SEED)
    assert dataset.test is not None
    whole = join(join(dataset.train, dataset.validation), dataset.test)
    folds = split_by_subject(
        whole.subjects, whole.labels, fractions={f"{fold}": 1 / FOLDS for fold in range(FOLDS)}, seed=SEED
    )
    for estimator in kit.estimators:
        collected: dict[float, list[SurvivalAnswers]] = {landmark: [] for landmark in LANDMARKS_A}
        for held in folds.values():
            rest = whole.take(np.setdiff1d(np.arange(len(whole)), held))
            inner = split_by_subject(rest.subjects, rest.labels, fractions={"train": 0.8, "validation": 0.2}, seed=SEED)
            parts = replace(dataset, train=rest.take(inner["train"]), validation=rest.take(inner["validation"]))
            trial = Trial("progression", kit, parts)
            predictor, _ = fit(trial, estimator, {})
            for landmark in LANDMARKS_A:
                found = at_landmark(predictor, whole.take(held), landmark, trial.question)
                collected[landmark] += [] if found is None else [found]
        for landmark, answers in collected.items():
            yield _landmark_row(estimator, landmark, _concatenate(answers))


def _concatenate(parts: list[SurvivalAnswers]) -> SurvivalAnswers:
    fields = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in ("time", "event", "score", "survival")
    }
    return SurvivalAnswers(**fields, times=parts[0].times, horizons=parts[0].horizons)


def _landmark_row(estimator: str, landmark: float, answers: SurvivalAnswers) -> str:
    names = ("c_index", *(f"brier_{horizon:g}" for horizon in AFTER_A))
    found = find_values(names, answers, seed=SEED, resamples=RESAMPLES)
    cells = [estimator, f"{landmark:g}", f"{len(answers)}", *(_words(*found[name]) for name in names)]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=[kit.task.name for kit in PACK.kits])
    wanted = parser.parse_args()
    request = DataRequest((wanted.data_dir,), wanted.data_dir, offline=True, progress=Silence())
    print(
        "| study (test samples) | estimator | C | IPCW C | IBS | IBS below Cox | D-cal. p | DeepSurv, published C | s |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for trial in list_trials(request, set(wanted.only)):
        rows = list(measure_trial(trial))
        reference = next(answers for _, estimator, answers, _ in rows if estimator == "cox")
        for row in rows:
            print(write_row(row, reference), flush=True)
    kit = PACK.kit("progression")
    if isinstance(kit, TaskKit) and "progression" in wanted.only:
        print("\n| estimator | landmark (a) | patients | C | Brier at 1 a | Brier at 2 a | Brier at 3 a |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        for line in measure_progression(kit, request):
            print(line, flush=True)


if __name__ == "__main__":
    main()
