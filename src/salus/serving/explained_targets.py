"""Which class or option an explanation is about, by the kind of the question."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Batch
from salus.contracts.tasks import Task


def choose_targets(task: Task, outputs: Batch, places: NDArray[np.intp]) -> NDArray[np.int64]:
    """The target of each sample.

    Of two classes the finding, of more the one that is called. Of options the best-ranked one beside the reference,
    whose effect against itself is 0; the reference where no other is left. Other questions have one output: 0.

    Args:
        task: The question.
        outputs: Of all samples, contraindicated options already taken away.
        places: The samples that are explained.
    """
    if task.kind == "classification":
        if len(task.classes) == 2:
            return np.ones(len(places), np.int64)
        return outputs["decision"][places].astype(np.int64)
    if task.kind == "treatment":
        ranking: NDArray[np.int64] = outputs["ranking"][places].astype(np.int64)
        first = np.argmax(ranking > 0, axis=1)
        best: NDArray[np.int64] = ranking[np.arange(len(places)), first]
        return np.maximum(best, 0)
    return np.zeros(len(places), np.int64)
