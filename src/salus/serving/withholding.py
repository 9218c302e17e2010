"""Which of a model's answers are not given, by the kind of the question.

Survival curves, numbers and plans are withheld by the guard alone: what the model must not judge it is not asked.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Batch
from salus.contracts.errors import PackageRejected
from salus.contracts.reports import Calibration
from salus.contracts.services import Abstention
from salus.contracts.tasks import Task, TaskKind
from salus.serving.abstentions import judge_prediction_set, poor_overlap

Withhold = Callable[[Batch, NDArray[np.intp]], dict[int, Abstention]]
"""From the outputs of all samples and the indices of those that were asked about, to why some are withheld."""


def make_withholding(task: Task, calibration: Calibration | None) -> Withhold:
    """The rule for the task's kind of question.

    Raises:
        PackageRejected: A classification without a calibration, whose coverage its abstentions name.
    """
    if task.kind == "classification":
        if calibration is None:
            raise PackageRejected(
                "a calibration beside a classifier", found="none", remedy="Build the package again with this version."
            )
        return _by_prediction_set(task, calibration)
    return _BY_KIND.get(task.kind, _nothing)


def _by_prediction_set(task: Task, calibration: Calibration) -> Withhold:
    def withhold(outputs: Batch, asked: NDArray[np.intp]) -> dict[int, Abstention]:
        members = outputs["prediction_set"].astype(np.bool_)
        open_ = asked[members[asked].sum(axis=1) != 1]
        judged = {int(i): judge_prediction_set(members[i], task.classes, calibration.coverage) for i in open_}
        return {index: reason for index, reason in judged.items() if reason is not None}

    return withhold


def _by_overlap(outputs: Batch, asked: NDArray[np.intp]) -> dict[int, Abstention]:
    overlap = outputs["overlap"].astype(np.bool_)
    return dict.fromkeys(map(int, asked[~overlap[asked]]), poor_overlap())


def _nothing(outputs: Batch, asked: NDArray[np.intp]) -> dict[int, Abstention]:  # noqa: ARG001 -- the guard judged all
    return {}


_BY_KIND: dict[TaskKind, Withhold] = {"treatment": _by_overlap}
