"""Hyperparameters by search: each trial fits on the training part and is judged on the validation part alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from salus.contracts.batches import Array
from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.packs import Pack, TaskKit
from salus.contracts.predictors import FitOptions, Predictor
from salus.evaluation.judges import judge_of
from salus.evaluation.judging import Judge
from salus.evaluation.predicting import predict_split
from salus.training.search import SearchResult, Trial, search_hyperparameters, trial_options
from salus.workflows.build_model import choose_estimator
from salus.workflows.workshop import Workshop, package_name

MEASURE = "validation_auroc"


@dataclass(frozen=True)
class SearchRequest:
    """What to search.

    Attributes:
        pack: The application.
        kit: Its task.
        estimator: Name of the estimator; None for the kit's first.
        trials: How many in all, those of an interrupted search included.
        seed: Decides everything that is left to chance.
        options: Epochs and device of each trial.
    """

    pack: Pack
    kit: TaskKit
    estimator: str | None
    trials: int
    seed: int
    options: FitOptions


def search_recipe(request: SearchRequest, workshop: Workshop) -> SearchResult:
    """The best hyperparameters of the study, which is kept in the workshop's `runs_dir` and can be gone on with.

    Args:
        request: What to search.
        workshop: Where data and runs are.

    Raises:
        NotFound: The kit has no such estimator.
        InvalidInput: The estimator has nothing to search, or the validation data lack a class.
        DataUnavailable: The data are not at hand.
    """
    name = choose_estimator(request.kit, request.estimator)
    space = request.kit.search_space(name) if request.kit.search_space else {}
    if not space:
        raise InvalidInput(
            f"an estimator with a search space instead of {name!r}",
            found="none declared",
            remedy="Declare it in the pack's model.py, or choose another estimator.",
        )
    dataset = request.kit.mended(request.kit.read_dataset(workshop.data, request.seed))

    judge = judge_of(request.kit.task.kind)

    def objective(trial: Trial) -> float:
        estimator = request.kit.estimators[name](trial_options(trial, request.options, measure=MEASURE))
        predictor = estimator.fit(dataset.train, dataset.validation, rng=np.random.default_rng(request.seed))
        answers = _answer(predictor, dataset.validation, judge, request.kit)
        report = judge.report(
            answers,
            dataset.validation,
            task=request.kit.task,
            part="validation",
            threshold=None,
            seed=request.seed,
            resamples=2,
        )
        found = report.measure(judge.measure)
        if found is None or found.value is None:
            raise InvalidInput(
                f"validation data on which {judge.measure} is defined",
                found="one class or no event",
                remedy="Divide the data anew.",
            )
        return found.value if judge.higher_is_better else -found.value

    question = package_name(request.pack, request.kit)
    try:
        return search_hyperparameters(
            space,
            objective,
            database=workshop.runs_dir / "search.db",
            name=f"{question} {name} seed {request.seed} data {dataset.digest[:12]}",
            trials=request.trials,
            seed=request.seed,
            maximise=True,
            progress=workshop.progress,
        )
    finally:
        workshop.progress.end()


def _answer(predictor: Predictor, validation: Split, judge: Judge, kit: TaskKit) -> dict[str, Array]:
    """What the judge reads: of a classifier the probabilities without calibration, of others the served outputs."""
    if kit.task.kind != "classification":
        return predict_split(predictor, validation, outputs=judge.outputs)
    logits = predict_split(predictor, validation, outputs=("logits",))["logits"].astype(np.float64)
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return {"probabilities": odds / odds.sum(axis=1, keepdims=True)}
