"""Random numbers for the compiled search, whose state is in the table: threads do not disturb each other."""

from __future__ import annotations

import numpy as np

from salus.planning.compilation import inlined
from salus.planning.inrc2.arrays import Table


@inlined
def draw(table: Table) -> np.uint64:
    """64 random bits: xorshift128+ (Vigna, "Further scramblings of Marsaglia's xorshift generators", 2017)."""
    x, y = table.random[0], table.random[1]
    table.random[0] = y
    x ^= x << np.uint64(23)
    x ^= (x >> np.uint64(17)) ^ y ^ (y >> np.uint64(26))
    table.random[1] = x
    return np.uint64(x + y)


@inlined
def below(table: Table, bound: int) -> int:
    """A whole number from 0 to `bound` - 1."""
    return (int(draw(table) >> np.uint64(33)) * bound) >> 31


@inlined
def uniform(table: Table) -> float:
    """A number from 0 to 1, never 0."""
    return (float(draw(table) >> np.uint64(12)) + 0.5) * 2.0**-52
