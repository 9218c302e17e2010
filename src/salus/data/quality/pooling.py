"""All parts of a data set side by side, with what makes two samples the same: worked out once for every check."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salus.contracts.datasets import Dataset, Split
from salus.contracts.tasks import Task
from salus.data.quality.fingerprints import fingerprint, near_pairs


@dataclass(frozen=True)
class Pool:
    """The samples of all parts, in the order of the parts.

    Attributes:
        part_names: The parts.
        part: (samples,) index into `part_names`.
        ids: (samples,) names.
        labels: (samples,) class indices.
        subjects: (samples,) who each sample is from.
        groups: Exact duplicates: positions of samples that are the same, at least two a group.
        pairs: (pairs, 2) positions of samples that are nearly the same; empty for tables.
        telling: False for tables of few distinct values, where two people may well have the same row.
    """

    part_names: tuple[str, ...]
    part: NDArray[np.intp]
    ids: NDArray[np.str_]
    labels: NDArray[np.int64]
    subjects: NDArray[np.str_]
    groups: tuple[NDArray[np.intp], ...]
    pairs: NDArray[np.intp]
    telling: bool


def pool_parts(dataset: Dataset, task: Task) -> Pool:
    """Put the parts side by side and find what is the same.

    Args:
        dataset: The parts.
        task: Says which inputs are pictures and which are numbers.
    """
    parts = dataset.parts()
    image = next((spec.name for spec in task.signature.inputs if spec.content == "image"), None)
    if image is None:
        exact = np.concatenate([_row_digests(part) for part in parts.values()])
        pairs = np.zeros((0, 2), dtype=np.intp)
        telling = any(_mostly_distinct(parts, spec.name) for spec in task.signature.inputs)
    else:
        prints = fingerprint([picture for part in parts.values() for picture in part.inputs[image]])
        exact, pairs, telling = prints.exact, near_pairs(prints), True
    return Pool(
        part_names=tuple(parts),
        part=np.repeat(np.arange(len(parts)), [len(part) for part in parts.values()]),
        ids=np.concatenate([part.sample_ids for part in parts.values()]),
        labels=np.concatenate([part.labels for part in parts.values()]),
        subjects=np.concatenate([part.subjects for part in parts.values()]),
        groups=same_values(exact),
        pairs=pairs,
        telling=telling,
    )


def same_values(column: NDArray[np.str_]) -> tuple[NDArray[np.intp], ...]:
    """Positions of each value that occurs more than once, in the order of their first position."""
    _, code, counts = np.unique(column, return_inverse=True, return_counts=True)
    order = np.argsort(code, kind="stable")
    blocks = np.split(order, np.cumsum(counts)[:-1])
    return tuple(sorted((block for block in blocks if len(block) > 1), key=lambda block: int(block[0])))


def _row_digests(part: Split) -> NDArray[np.str_]:
    """Of all inputs of each sample; of observations their content whatever their order and padding."""
    names = sorted(part.inputs)
    columns = [[_canonical(value) for value in part.inputs[name]] for name in names]
    return np.array([hashlib.sha256(b"".join(row)).hexdigest() for row in zip(*columns, strict=True)], dtype=np.str_)


def _canonical(value: object) -> bytes:
    if isinstance(value, bytes):
        return hashlib.sha256(value).digest()
    numbers = np.asarray(value, dtype=np.float64)
    if numbers.ndim == 2:
        numbers = numbers[~np.isnan(numbers).all(axis=1)]
        numbers = numbers[np.lexsort(numbers.T[::-1])]
        return hashlib.sha256(np.ascontiguousarray(numbers).tobytes()).digest()
    return numbers.tobytes()


def _mostly_distinct(parts: dict[str, Split], name: str) -> bool:
    """Whether more than half of the values of an input occur once; observations and documents always do."""
    if any(part.inputs[name].dtype == object or part.inputs[name].ndim > 1 for part in parts.values()):
        return True
    values = np.concatenate([np.asarray(part.inputs[name], dtype=np.float64) for part in parts.values()])
    _, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    return bool(2 * int((counts == 1).sum()) > len(values))
