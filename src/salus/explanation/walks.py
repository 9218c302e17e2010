"""Shapley values by walks: from the background to the sample, one player after another.

A walk joins all players in an order; what each adds is the difference of the explained output before and after
(Castro, Gomez and Tejada, Comput Oper Res 36:1726-1730, 2009). Every order is followed by its reverse (antithetic
permutations; Mitchell et al., JMLR 23(43), 2022).
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MOST_PLAYERS_IN_ALL_ORDERS = 8


@dataclass(frozen=True)
class Walks:
    """Orders in which players join, and from where.

    Attributes:
        start: (walks,) index of the background row.
        order: (walks, players).
    """

    start: NDArray[np.intp]
    order: NDArray[np.intp]

    def joined(self, step: int) -> NDArray[np.bool_]:
        """(walks, players) who has joined after `step` players did."""
        return np.argsort(self.order, axis=1) < step

    def gains(self, path: NDArray[np.float64]) -> NDArray[np.float64]:
        """(walks, players) what each added.

        Args:
            path: (players + 1, walks) the explained output after each step.
        """
        found = np.empty(self.order.shape)
        np.put_along_axis(found, self.order, np.diff(path, axis=0).T, axis=1)
        return found


def plan_walks(rows: int, players: int, rng: np.random.Generator, *, most_rows: int) -> Walks:
    """Walks from every background row equally often: all orders where they fit, else as many pairs as do.

    Args:
        rows: Background rows.
        players: Who joins.
        rng: Draws the orders.
        most_rows: Largest number of rows that the walks and their ends may ask for; at least one pair from each row
            is planned all the same.
    """
    per_walk = max(1, players - 1)
    room = (most_rows - 1 - rows) // (rows * per_walk)
    if players <= _MOST_PLAYERS_IN_ALL_ORDERS and math.factorial(players) <= max(room, 2):
        every = np.array(list(itertools.permutations(range(players))), dtype=np.intp)
        return Walks(start=np.repeat(np.arange(rows), len(every)), order=np.tile(every, (rows, 1)))
    pairs = rows * max(1, room // 2)
    forward = np.stack([rng.permutation(players) for _ in range(pairs)])
    start = np.arange(pairs) % rows
    return Walks(start=np.concatenate([start, start]), order=np.concatenate([forward, forward[:, ::-1]]))


def rows_that_fit(available: int, players: int, *, most_rows: int) -> NDArray[np.intp]:
    """Evenly spaced background rows, so many that an antithetic pair from each stays within `most_rows`."""
    most = max(1, (most_rows - 1) // (2 * max(1, players - 1) + 1))
    return np.unique(np.linspace(0, available - 1, min(available, most)).round().astype(np.intp))
