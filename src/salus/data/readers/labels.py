"""Labels as people write them into class indices."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Array
from salus.contracts.classification import ClassLabel
from salus.contracts.errors import InvalidInput

_NUMBER = re.compile(r"[+-]?\d+(\.0+)?")


def class_indices(labels: Array | Sequence[object], classes: Sequence[ClassLabel]) -> NDArray[np.int64]:
    """Labels as indices into `classes`.

    Accepted: indices (numbers or digits); names or titles in either language, whatever their case and punctuation;
    the first letter of a name where it is unique; columns of shape (N, 1); one-hot rows of shape (N, classes).

    Args:
        labels: One a sample.
        classes: In the order of the model's probabilities.

    Returns:
        (samples,) int64.

    Raises:
        InvalidInput: A label that is none of these. It says how many and at which position first, not which.
    """
    column = _flat(np.asarray(labels), len(classes))
    if column.dtype.kind in "biuf":
        numbers = column.astype(np.float64)
        wrong = ~np.isin(numbers, np.arange(len(classes)))
        if wrong.any():
            raise _unknown(wrong, classes)
        return numbers.astype(np.int64)
    texts = [str(value) for value in column]
    table = _names(classes)
    found = np.array([_parse(text, table, len(classes)) for text in texts], dtype=np.int64)
    if (found < 0).any():
        raise _unknown(found < 0, classes)
    return found


def are_names(labels: Sequence[object], classes: Sequence[ClassLabel]) -> bool:
    """Whether every label is a name of a class (an index is not a name)."""
    table = _names(classes)
    return all(_key(str(label)) in table for label in labels)


def _flat(column: Array, count: int) -> Array:
    """(N,) out of (N,), (N, 1) or one-hot (N, count)."""
    if column.ndim == 2 and column.shape[1] == 1:
        return column[:, 0]
    if column.ndim == 2 and column.shape[1] == count and column.dtype.kind in "biuf":
        numbers = column.astype(np.float64)
        one_hot = np.isin(numbers, (0.0, 1.0)).all() and (numbers.sum(axis=1) == 1.0).all()
        if one_hot:
            return np.asarray(numbers.argmax(axis=1))
    if column.ndim != 1:
        raise InvalidInput(
            f"labels of shape (N,), (N, 1) or one-hot (N, {count})",
            found=f"shape {column.shape}",
            remedy="Store one class a sample.",
        )
    return column


def _key(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def _names(classes: Sequence[ClassLabel]) -> dict[str, int]:
    """Every spelling of a class that means one class alone."""
    meanings: dict[str, set[int]] = {}
    for index, label in enumerate(classes):
        spellings = {_key(label.name), _key(label.title.en), _key(label.title.zh)}
        for spelling in spellings | {_key(label.name)[:1]}:
            if spelling:
                meanings.setdefault(spelling, set()).add(index)
    return {spelling: next(iter(indices)) for spelling, indices in meanings.items() if len(indices) == 1}


def _parse(text: str, table: dict[str, int], count: int) -> int:
    key = _key(text)
    if key in table:
        return table[key]
    stripped = text.strip()
    if _NUMBER.fullmatch(stripped):
        index = int(float(stripped))
        return index if 0 <= index < count else -1
    return -1


def _unknown(wrong: NDArray[np.bool_], classes: Sequence[ClassLabel]) -> InvalidInput:
    names = ", ".join(f"{index} {label.name}" for index, label in enumerate(classes))
    return InvalidInput(
        f"labels that are indices or names of the classes ({names})",
        found=f"{int(wrong.sum())} others, the first at sample {int(np.argmax(wrong))}",
        remedy="Write each label as a class index or a class name.",
    )
