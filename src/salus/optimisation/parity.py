"""Whether a graph answers as the predictor that it came from: output by output, sample by sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Batch, rectangular_parts
from salus.contracts.errors import Conflict
from salus.contracts.predictors import Predictor

FLOAT_TOLERANCE = 1e-4
"""Largest difference allowed between a float graph and its predictor."""


@dataclass(frozen=True)
class Difference:
    """How far two predictors are apart in one output.

    Attributes:
        output: Its name.
        per_sample: (samples,) FP64, the largest absolute difference within each sample's answer, in the batch's
            order; NaN where exactly one of the two is NaN, or the shapes differ.
    """

    output: str
    per_sample: NDArray[np.float64]

    @property
    def largest(self) -> float:
        """Over all samples; NaN where one sample's is."""
        return float(self.per_sample.max(initial=0.0))


def compare(
    reference: Predictor,
    candidate: Predictor,
    batch: Batch,
    *,
    outputs: Sequence[str],
    most: int = 64,
    relative: bool = False,
) -> tuple[Difference, ...]:
    """Differences between two predictors on the same samples.

    Args:
        reference: What the candidate should answer.
        candidate: Another form of it.
        batch: The samples; ragged columns are allowed.
        outputs: Which outputs to compare; boolean and whole-number outputs count 1 where they differ by 1.
        most: Largest number of samples at a time.
        relative: Whether the difference of a number above 1 counts as a share of it: months and doses, not logits.

    Returns:
        One difference per output, in the order of `outputs`.

    Raises:
        KeyError: One of the two does not answer an output.
    """
    columns = {name: np.zeros(len(next(iter(batch.values()))), dtype=np.float64) for name in outputs}
    for indices, part in rectangular_parts(batch, most=most):
        expected, found = reference.predict(part), candidate.predict(part)
        for name, column in columns.items():
            column[indices] = _per_sample(np.asarray(expected[name]), np.asarray(found[name]), relative=relative)
    return tuple(Difference(name, column) for name, column in columns.items())


def require_parity(
    reference: Predictor,
    candidate: Predictor,
    batch: Batch,
    *,
    outputs: Sequence[str],
    tolerance: float = FLOAT_TOLERANCE,
    relative: bool = False,
) -> tuple[Difference, ...]:
    """Compare, and refuse a candidate that differs by more than `tolerance` in any sample. Arguments as `compare`.

    Raises:
        Conflict: An output of a sample differs by more, or is missing in one of the two alone.
    """
    differences = compare(reference, candidate, batch, outputs=outputs, relative=relative)
    for difference in differences:
        within = difference.per_sample <= tolerance
        if not within.all():
            raise Conflict(
                f"the graph's {difference.output} within {tolerance:g} of the predictor's in every sample",
                found=f"{int((~within).sum())} of {within.size} samples beyond, the largest {difference.largest:.3g}",
                remedy="Train on float32 values, keep preprocessing inside the model, and export again.",
            )
    return differences


def _per_sample(expected: NDArray[np.generic], found: NDArray[np.generic], *, relative: bool) -> NDArray[np.float64]:
    if expected.shape != found.shape:
        return np.full(len(expected), np.nan)
    first = expected.reshape(len(expected), -1).astype(np.float64)
    second = found.reshape(len(found), -1).astype(np.float64)
    same = (first == second) | (np.isnan(first) & np.isnan(second))
    with np.errstate(invalid="ignore"):
        scale = np.maximum(1.0, np.nan_to_num(np.abs(first), nan=1.0)) if relative else 1.0
        apart = np.where(same, 0.0, np.abs(first - second) / scale)
    return np.asarray(apart.max(axis=1, initial=0.0), dtype=np.float64)
