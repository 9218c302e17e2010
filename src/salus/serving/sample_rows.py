"""Answers of rectangular parts, put back into the order of the request's samples."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Array, Batch
from salus.contracts.tensors import NUMPY_NAMES, TensorSpec


async def gather_answers(asked: Sequence[Awaitable[Batch]]) -> list[Batch]:
    """The answers in order. When one fails, the others are cancelled and its error is raised."""
    tasks = [asyncio.ensure_future(each) for each in asked]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()


def scatter_rows(parts: Sequence[Array], places: Sequence[NDArray[np.intp]], count: int) -> Array:
    """Rows of `parts` at `places` of `count` rows.

    Args:
        parts: (rows, …) each; rows of different parts may differ in shape (heatmaps of pictures of different sizes).
        places: For each part, (rows,) where its rows go.
        count: Rows of the result; those that no part fills hold zeros, no array, or an empty document.

    Returns:
        (count, …), or an object array (count,) of arrays where the parts differ in shape.
    """
    shapes = {part.shape[1:] for part in parts}
    if len(shapes) == 1:
        whole = _zeros((count, *shapes.pop()), parts[0].dtype)
        for part, where in zip(parts, places, strict=True):
            whole[where] = part
        return whole
    ragged = np.empty(count, dtype=object)
    for index in range(count):
        ragged[index] = np.zeros((parts[0].shape[1], *(0,) * (parts[0].ndim - 2)), dtype=parts[0].dtype)
    for part, where in zip(parts, places, strict=True):
        for row, index in zip(part, where, strict=True):
            ragged[index] = row
    return ragged


def blank_rows(specs: Sequence[TensorSpec], count: int) -> dict[str, Array]:
    """`count` rows of zeros (of empty documents) for each output; free axes have length 0."""
    return {
        spec.name: _zeros((count, *(max(0, length) for length in spec.shape[1:])), np.dtype(NUMPY_NAMES[spec.datatype]))
        for spec in specs
    }


def _zeros(shape: tuple[int, ...], kind: np.dtype[np.generic]) -> Array:
    empty: Array = np.full(shape, b"", dtype=object) if kind.kind == "O" else np.zeros(shape, dtype=kind)
    return empty


def stack_rows(rows: Array) -> Array:
    """Rows that agree in shape as one array: undoes `scatter_rows` for the rows of one part."""
    ragged = rows.dtype == object and rows.size and isinstance(rows[0], np.ndarray)
    return np.stack(list(rows)) if ragged else rows
