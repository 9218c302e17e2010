"""How good a package is on labelled data from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from salus.contracts.batches import Array
from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.packages import ModelPackage
from salus.contracts.packs import TaskKit
from salus.contracts.predictors import Predictor
from salus.contracts.progress import Progress
from salus.contracts.reports import EvaluationReport
from salus.evaluation.predicting import predict_split
from salus.evaluation.report import evaluate
from salus.modelpackage.reading import read_calibration


@dataclass(frozen=True)
class ForeignEvaluation:
    """What came of it.

    Attributes:
        report: On the samples that were answered.
        split: The samples, all of them.
        outputs: `probabilities` (N, K), `decision` (N,), `prediction_set` (N, K) of every sample.
        unanswered: Samples without a finite answer (a missing value); they are left out of the report.
    """

    report: EvaluationReport
    split: Split
    outputs: dict[str, Array]
    unanswered: int


def evaluate_package(
    package: ModelPackage, kit: TaskKit, predictor: Predictor, path: Path, *, seed: int, progress: Progress
) -> ForeignEvaluation:
    """Answer every sample under `path` and compare with its label.

    Args:
        package: Verified.
        kit: Reads the folder.
        predictor: The package, loaded.
        path: A folder of arrays and labels, of pictures by class or with a manifest, or a table.
        seed: Of the bootstrap.
        progress: Told about each batch.

    Raises:
        InvalidInput: Nothing under `path` can be read as labelled samples of the task, or none is answered.
    """
    split = kit.read_folder(path)
    outputs = predict_split(
        predictor, split, outputs=("probabilities", "decision", "prediction_set"), progress=progress
    )
    answered = np.flatnonzero(np.isfinite(outputs["probabilities"]).all(axis=1))
    if not answered.size:
        raise InvalidInput(
            "samples that the model can answer",
            found=f"{len(split)} samples with missing values",
            remedy="Fill in the missing values, or choose a model that handles them.",
        )
    kept = split.take(answered)
    report = evaluate(
        {name: array[answered] for name, array in outputs.items()},
        kept.labels,
        part=path.resolve().name,
        classes=[label.name for label in kit.task.classes],
        threshold=read_calibration(package).threshold,
        groups=kept.groups,
        seed=seed,
        subjects=kept.subjects,
    )
    return ForeignEvaluation(report, split, outputs, len(split) - int(answered.size))
