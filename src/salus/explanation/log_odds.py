"""The quantity that every explainer explains: the log-odds of one class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Array, Batch
from salus.contracts.errors import InvalidInput


def find_output(outputs: Batch, name: str, *, axes: int, count: int) -> Array:
    """The output `name` with `axes` axes for `count` samples.

    Raises:
        InvalidInput: The predictor does not answer it in that shape.
    """
    found = outputs.get(name)
    if found is None or found.ndim != axes or found.shape[0] != count:
        raise InvalidInput(
            f"the output {name!r} with {axes} axes for {count} samples",
            found="no such output" if found is None else f"shape {found.shape}",
            remedy="Explain with a predictor that answers every output of the task's signature.",
        )
    return found


def log_odds(logits: NDArray[np.floating], target: int) -> NDArray[np.float64]:
    """ln(p / (1 - p)) of the class `target`: its logit less the logarithm of the others' summed exponentials.

    Args:
        logits: (samples, classes).
        target: The class.

    Returns:
        (samples,).

    Example:
        >>> log_odds(np.array([[0.0, 2.0]]), 1)
        array([2.])
    """
    scores = np.asarray(logits, dtype=np.float64)
    others = np.delete(scores, target, axis=1)
    largest = others.max(axis=1)
    odds: NDArray[np.float64] = scores[:, target] - largest - np.log(np.exp(others - largest[:, None]).sum(axis=1))
    return odds


def check_targets(targets: NDArray[np.int64], count: int) -> None:
    """Raise InvalidInput unless there is one class index for each of `count` samples."""
    if targets.shape != (count,) or (count and targets.min() < 0):
        raise InvalidInput(
            f"one class index for each of {count} samples",
            found=f"shape {targets.shape}",
            remedy="Name the class to explain of each sample.",
        )
