"""Numbers as JSON has them: what is not known is null."""

from __future__ import annotations

import math

import msgspec
import numpy as np

from salus.contracts.batches import Array


class NaturalFrequency(msgspec.Struct, frozen=True, kw_only=True):
    """A probability in words: about `count` of `of` such samples."""

    count: int
    of: int = 100


def as_natural_frequency(probability: float) -> NaturalFrequency:
    """Rounded half up, so that 0.125 is 13 of 100 and not 12."""
    return NaturalFrequency(count=math.floor(100 * probability + 0.5))


def read_number(value: object) -> float | None:
    """One number; None where it is NaN."""
    number = float(np.asarray(value, dtype=np.float64))
    return None if math.isnan(number) else number


def read_numbers(values: Array) -> list[float | None]:
    """(n,) numbers; None where NaN."""
    numbers: list[float] = np.asarray(values, dtype=np.float64).tolist()
    return [None if math.isnan(number) else number for number in numbers]


def read_intervals(pairs: Array) -> list[tuple[float, float] | None]:
    """(n, 2) ends of intervals; None where either end is NaN."""
    ends: list[list[float]] = np.asarray(pairs, dtype=np.float64).tolist()
    return [None if math.isnan(low) or math.isnan(high) else (low, high) for low, high in ends]
