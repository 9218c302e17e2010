"""Dividing samples so that nobody stands on two sides."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from salus.contracts.errors import InvalidInput


def split_by_subject(
    subjects: NDArray[np.str_], labels: NDArray[np.int64], *, fractions: Mapping[str, float], seed: int
) -> dict[str, NDArray[np.intp]]:
    """Divide samples by subject, each class as near to its share as whole subjects allow.

    The subjects are shuffled by the seed, ordered from many samples to few, and each goes to the part whose class
    counts it brings nearest to what the part should have (a greedy form of iterative stratification; Sechidis,
    Tsoumakas, Vlahavas, ECML PKDD 2011).

    Args:
        subjects: (samples,) who each sample is from.
        labels: (samples,) class index of each.
        fractions: Share of the samples by part, above 0; they sum to 1.
        seed: The same seed gives the same division.

    Returns:
        By part, the indices of its samples in ascending order. Every sample is in exactly one part.

    Raises:
        InvalidInput: Fewer subjects than parts, or columns of different length.
        ValueError: The fractions do not sum to 1, or one is not above 0.

    Example:
        >>> parts = split_by_subject(np.array(["a", "a", "b"]), np.array([0, 1, 0]), fractions={"x": 0.7, "y": 0.3},
        ...                          seed=1)
        >>> [int(i) for i in parts["x"]], [int(i) for i in parts["y"]]
        ([0, 1], [2])
    """
    if not fractions or min(fractions.values()) <= 0 or abs(sum(fractions.values()) - 1.0) > 1e-9:
        raise ValueError(f"expected fractions above 0 that sum to 1; found {dict(fractions)}")
    if subjects.shape != labels.shape or subjects.ndim != 1:
        raise InvalidInput(
            "one subject and one label a sample",
            found=f"shapes {subjects.shape} and {labels.shape}",
            remedy="Pass both columns of the same samples.",
        )
    names, owner = np.unique(subjects, return_inverse=True)
    if len(names) < len(fractions):
        raise InvalidInput(
            f"at least {len(fractions)} subjects", found=f"{len(names)}", remedy="Divide into fewer parts."
        )
    assigned = _assign(owner, labels, len(names), np.array(list(fractions.values())), seed)
    return {part: np.flatnonzero(assigned[owner] == index) for index, part in enumerate(fractions)}


def _assign(
    owner: NDArray[np.intp], labels: NDArray[np.int64], subjects: int, shares: NDArray[np.float64], seed: int
) -> NDArray[np.intp]:
    """(subjects,) the part of each."""
    classes, class_of = np.unique(labels, return_inverse=True)
    counts = np.zeros((subjects, len(classes)))
    np.add.at(counts, (owner, class_of), 1.0)
    wanted = shares[:, np.newaxis] * counts.sum(axis=0)
    weight = 1.0 / np.maximum(counts.sum(axis=0), 1.0)
    shuffled = np.random.default_rng(seed).permutation(subjects)
    order = shuffled[np.argsort(-counts[shuffled].sum(axis=1), kind="stable")]
    missing = wanted.copy()
    members = np.zeros(len(shares), dtype=np.intp)
    assigned = np.empty(subjects, dtype=np.intp)
    for position, subject in enumerate(order):
        gain = ((missing * weight) @ counts[subject]) / shares
        empty = members == 0
        if int(empty.sum()) >= subjects - position:
            gain = np.where(empty, gain, -np.inf)
        part = int(np.argmax(gain))
        assigned[subject] = part
        missing[part] -= counts[subject]
        members[part] += 1
    return assigned
