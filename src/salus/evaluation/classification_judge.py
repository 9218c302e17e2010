"""Judges classifiers: probabilities against classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Batch
from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.reports import EvaluationReport
from salus.contracts.tasks import Task
from salus.evaluation.bootstrap import paired_difference
from salus.evaluation.judging import FormLoss
from salus.evaluation.pictures import draw_pictures
from salus.evaluation.report import evaluate


class ClassificationJudge:
    """Keeps the promise of a `Judge` for calibrated probabilities."""

    outputs = ("probabilities", "prediction_set")
    measure = "auroc"
    higher_is_better = True
    compared = "probabilities"
    tolerance = 0.1
    loss_tolerance = 0.005

    def answered(self, outputs: Batch) -> NDArray[np.bool_]:
        """Whose probabilities are all finite."""
        return np.asarray(np.isfinite(outputs["probabilities"].astype(np.float64)).all(axis=1))

    def report(
        self,
        outputs: Batch,
        split: Split,
        *,
        task: Task,
        part: str,
        threshold: float | None,
        seed: int,
        resamples: int = 1000,
    ) -> EvaluationReport:
        """As `evaluation.report.evaluate`."""
        return evaluate(
            outputs,
            split.labels,
            part=part,
            classes=[label.name for label in task.classes],
            threshold=threshold,
            groups=split.groups,
            seed=seed,
            resamples=resamples,
            subjects=split.subjects,
        )

    def loss(self, split: Split, reference: Batch, candidate: Batch, *, task: Task, seed: int) -> FormLoss:  # noqa: ARG002 - of two classes or more alike
        """AUROC lost."""
        ours, theirs = (answers["probabilities"].astype(np.float32) for answers in (reference, candidate))
        value, interval = paired_difference(self.measure, split.labels, ours, theirs, seed=seed)
        if value is None or interval is None:
            raise InvalidInput(
                "validation data with every class", found="a class without samples", remedy="Divide the data anew."
            )
        return FormLoss(self.measure, value, interval.low, interval.high)

    def pictures(self, report: EvaluationReport) -> dict[str, bytes]:
        """As `evaluation.pictures.draw_pictures`."""
        return draw_pictures(report)
