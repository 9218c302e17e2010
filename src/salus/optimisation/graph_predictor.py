"""A graph in memory as a predictor, so that it can be compared with the one that it came from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from salus.contracts.batches import Array, Batch, count_samples, rectangular_parts
from salus.contracts.predictors import Predictor


class GraphPredictor:
    """Runs an ONNX graph on the CPU. For the making side; `serving` has its own backend.

    Args:
        model: The file's content.
        threads: Of one operator.
        without: Names of outputs not to answer.
    """

    def __init__(self, model: bytes, *, threads: int = 1, without: Collection[str] = ()) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session: Any = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._inputs = tuple(str(value.name) for value in self._session.get_inputs())
        names = (str(value.name) for value in self._session.get_outputs())
        self._outputs = tuple(name for name in names if name not in without)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs that it answers."""
        return self._outputs

    def predict(self, batch: Batch) -> Batch:
        """The outputs for a rectangular batch; inputs that the graph does not know are left out."""
        answers = self._session.run(list(self._outputs), {name: batch[name] for name in self._inputs})
        return dict(zip(self._outputs, answers, strict=True))


def predict_samples(predictor: Predictor, batch: Batch, *, outputs: Sequence[str], most: int = 64) -> dict[str, Array]:
    """The chosen outputs for all samples of a batch that may be ragged, in the batch's order.

    Args:
        predictor: Answers rectangular batches.
        batch: All samples.
        outputs: Names of outputs whose shapes do not depend on the sample.
        most: Largest number of samples at a time.
    """
    answers: dict[str, Array] = {}
    total = count_samples(batch)
    for indices, part in rectangular_parts(batch, most=most):
        answer = predictor.predict(part)
        for name in outputs:
            found = answer[name]
            if name not in answers:
                answers[name] = np.zeros((total, *found.shape[1:]), dtype=found.dtype)
            answers[name][indices] = found
    return answers
