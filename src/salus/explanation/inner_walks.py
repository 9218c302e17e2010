"""The finer level of a nested game: what a group adds, shared among its players (Owen's value with levels)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salus.explanation.walks import Walks


@dataclass(frozen=True)
class InnerWalk:
    """One walk through a group's players, at the place where an outer walk takes the whole group.

    Attributes:
        group: The group.
        outer: Index of the outer walk.
        place: How many groups joined before.
        order: The group's players, in the order in which they join.
        kept: (players of the group - 1, all players) who has joined after each step but the last.
    """

    group: int
    outer: int
    place: int
    order: NDArray[np.intp]
    kept: NDArray[np.bool_]


def plan_inner_walks(
    walks: Walks, owner: NDArray[np.intp], contexts: int, rng: np.random.Generator
) -> tuple[InnerWalk, ...]:
    """Antithetic walks of every group of two players or more, in `contexts` of its places in the outer walks.

    The places are taken evenly spaced from first to last, so that a single one is the median.

    Args:
        walks: Of the groups.
        owner: (players,) the group of each.
        contexts: Places for each group.
        rng: Draws the orders.
    """
    places = np.argsort(walks.order, axis=1)
    found = []
    for group in range(walks.order.shape[1]):
        players = np.flatnonzero(owner == group)
        if len(players) < 2:
            continue
        by_place = np.argsort(places[:, group], kind="stable")
        for outer in by_place[((np.arange(contexts) + 0.5) / contexts * len(by_place)).astype(np.intp)]:
            earlier = (places[outer] < places[outer, group])[owner]
            order = rng.permutation(players)
            for direction in (order, order[::-1]):
                steps = np.tile(earlier, (len(players) - 1, 1))
                for step in range(len(steps)):
                    steps[step, direction[: step + 1]] = True
                found.append(InnerWalk(group, int(outer), int(places[outer, group]), direction, steps))
    return tuple(found)


def share_within(
    inner: Sequence[InnerWalk],
    answers: NDArray[np.float64],
    path: NDArray[np.float64],
    of_groups: NDArray[np.float64],
    owner: NDArray[np.intp],
) -> NDArray[np.float64]:
    """(players,) amounts that sum to those of their groups.

    Args:
        inner: The walks.
        answers: The explained output for every step of every walk, one walk after another.
        path: (groups + 1, outer walks) the explained output along the outer walks.
        of_groups: (groups,) what each group adds.
        owner: (players,) the group of each.
    """
    amounts = np.zeros(len(owner))
    at = 0
    for walk in inner:
        end = at + len(walk.kept)
        ends = path[walk.place, walk.outer], path[walk.place + 1, walk.outer]
        amounts[walk.order] += np.diff(np.concatenate([ends[:1], answers[at:end], ends[1:]]))
        at = end
    contexts = max(1, sum(walk.group == inner[0].group for walk in inner)) if inner else 1
    for group, amount in enumerate(of_groups):
        players = np.flatnonzero(owner == group)
        amounts[players] = spread(amounts[players] / contexts, float(amount))
    return amounts


def spread(amounts: NDArray[np.float64], total: float) -> NDArray[np.float64]:
    """Amounts that sum to `total`: the remainder is spread in proportion to their sizes, evenly where all are 0."""
    sizes = np.abs(amounts)
    weights = sizes / sizes.sum() if sizes.sum() > 0 else np.full(len(amounts), 1 / len(amounts))
    whole: NDArray[np.float64] = amounts + (total - amounts.sum()) * weights
    return whole
