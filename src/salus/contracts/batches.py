"""Samples side by side: arrays by name, axis 0 counts the samples.

A batch that a model sees is rectangular. A data set's column may also be *ragged*: an object array whose elements
are arrays of different shapes (pictures of different sizes, observations of different number). `rectangular_parts`
turns the one into the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]
Batch = Mapping[str, Array]

PADDING_STEP = 64
"""Observations are padded to a multiple of so many rows."""


def count_samples(batch: Batch) -> int:
    """The number of samples of `batch`.

    Raises:
        ValueError: The batch is empty or its arrays disagree.
    """
    lengths = {array.shape[0] if array.ndim else -1 for array in batch.values()}
    if len(lengths) != 1 or -1 in lengths:
        shapes = {name: array.shape for name, array in batch.items()}
        raise ValueError(f"expected arrays that agree on axis 0; found shapes {shapes}")
    return int(lengths.pop())


def take_samples(batch: Batch, indices: Sequence[int] | NDArray[np.integer]) -> dict[str, Array]:
    """The samples of `batch` at `indices`, in that order."""
    return {name: array[np.asarray(indices, dtype=np.intp)] for name, array in batch.items()}


def rectangular_parts(batch: Batch, *, most: int) -> Iterator[tuple[NDArray[np.intp], dict[str, Array]]]:
    """Cut a batch into rectangular batches of at most `most` samples.

    Samples whose elements have the same shapes are kept together, in their order. Ragged observations (FP arrays of two
    axes) are first padded with rows of NaN, which mean nothing, to a multiple of `PADDING_STEP` rows, so that samples
    of about the same number of observations come together.

    Args:
        batch: Arrays; object arrays of arrays are stacked where their elements agree in shape.
        most: Largest number of samples in a part.

    Yields:
        The indices of the part's samples in `batch`, and the part.
    """
    ragged = {
        name for name, array in batch.items() if array.dtype == object and array.size and hasattr(array[0], "shape")
    }
    batch = {name: _padded(array) if name in ragged else array for name, array in batch.items()}
    groups: dict[tuple[tuple[int, ...], ...], list[int]] = {}
    for index in range(count_samples(batch)):
        groups.setdefault(tuple(batch[name][index].shape for name in sorted(ragged)), []).append(index)
    for members in groups.values():
        for start in range(0, len(members), most):
            chosen = np.asarray(members[start : start + most], dtype=np.intp)
            yield (
                chosen,
                {
                    name: np.stack([array[i] for i in chosen]) if name in ragged else array[chosen]
                    for name, array in batch.items()
                },
            )


def _padded(column: Array) -> Array:
    first = np.asarray(column[0])
    if first.ndim != 2 or first.dtype.kind != "f":
        return column
    padded = np.empty(len(column), dtype=object)
    for index, element in enumerate(column):
        rows = max(PADDING_STEP, -(-element.shape[0] // PADDING_STEP) * PADDING_STEP)
        whole = np.full((rows, element.shape[1]), np.nan, dtype=element.dtype)
        whole[: element.shape[0]] = element
        padded[index] = whole
    return padded
