"""Asking a predictor about a whole part of a data set."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from salus.contracts.batches import Array, rectangular_parts
from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.predictors import Predictor
from salus.contracts.progress import Progress, Silence


def predict_split(
    predictor: Predictor,
    split: Split,
    *,
    most: int = 64,
    outputs: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> dict[str, Array]:
    """The predictor's outputs for every sample of `split`, in the split's order.

    Samples of the same shape are asked together. An output whose rows differ in shape between samples (evidence maps
    of pictures of different sizes) comes back as a ragged object array with one array per sample, as
    `contracts.batches` defines it.

    Args:
        predictor: Answers rectangular batches.
        split: The part; ragged inputs are allowed.
        most: Largest number of samples that are asked at once.
        outputs: Names of the outputs to keep; None keeps all.
        progress: Told about each batch; the steps are samples.

    Raises:
        InvalidInput: The part is empty, an output that was asked for is not answered, or the predictor answers
            another number of samples than it was given.
    """
    if not len(split):
        raise InvalidInput("at least one sample", found="an empty part", remedy="Choose a part that holds samples.")
    teller = progress or Silence()
    teller.begin("predict", len(split))
    rows: dict[str, list[Array | None]] = {}
    for indices, part in rectangular_parts(split.inputs, most=most):
        answered = predictor.predict(part)
        for name in outputs if outputs is not None else answered:
            column = _column(answered.get(name), name, len(indices))
            places = rows.setdefault(name, [None] * len(split))
            for index, row in zip(indices, column, strict=True):
                places[index] = row
        teller.advance(len(indices))
    teller.end()
    return {name: _join(name, places) for name, places in rows.items()}


def _column(answered: Array | None, name: str, count: int) -> Array:
    if answered is None or answered.ndim == 0 or answered.shape[0] != count:
        raise InvalidInput(
            f"{count} rows of the output {name!r}",
            found="none" if answered is None else f"shape {answered.shape}",
            remedy="A predictor answers the same outputs for each sample that it is given.",
        )
    return answered


def _join(name: str, places: list[Array | None]) -> Array:
    given = [row for row in places if row is not None]
    if len(given) != len(places):
        raise InvalidInput(
            f"the output {name!r} for each sample",
            found=f"{len(given)} of {len(places)}",
            remedy="A predictor answers the same outputs for each batch.",
        )
    if len({np.shape(row) for row in given}) == 1:
        return np.stack(given)
    ragged = np.empty(len(given), dtype=object)
    ragged[:] = given
    return ragged
