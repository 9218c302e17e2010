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
from salus.contracts.services import OPTIONAL_OUTPUTS
from salus.evaluation.judges import judge_of
from salus.evaluation.predicting import predict_split
from salus.modelpackage.reading import read_calibration


@dataclass(frozen=True)
class ForeignEvaluation:
    """What came of it.

    Attributes:
        report: On the samples that were answered.
        split: The samples, all of them; None of a package that plans, whose instances have no labels.
        outputs: The served outputs of every sample, but the optional ones.
        unanswered: Samples without a usable answer (a missing value); they are left out of the report.
    """

    report: EvaluationReport
    split: Split | None
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
    judge = judge_of(kit.task.kind)
    names = tuple(spec.name for spec in kit.task.signature.outputs if spec.name not in OPTIONAL_OUTPUTS)
    outputs = predict_split(predictor, split, outputs=names, progress=progress)
    answered = np.flatnonzero(judge.answered(outputs))
    if not answered.size:
        raise InvalidInput(
            "samples that the model can answer",
            found=f"{len(split)} samples with missing values",
            remedy="Fill in the missing values, or choose a model that handles them.",
        )
    kept = split.take(answered)
    calibration = read_calibration(package)
    report = judge.report(
        {name: array[answered] for name, array in outputs.items()},
        kept,
        task=package.manifest.task,
        part=path.resolve().name,
        threshold=None if calibration is None else calibration.threshold,
        seed=seed,
    )
    return ForeignEvaluation(report, split, outputs, len(split) - int(answered.size))
