"""The walk through rosters: temperature, slices, threads, the clock, and when to stop.

The compiled annealing runs in slices of about 80 ms, between which the clock is read and the watcher is asked. Each
thread walks on its own from its own seed; the best of all is the answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from salus.planning.inrc2.annealing import anneal
from salus.planning.inrc2.arrays import CODE, MISSING, OFF, TRIED, Case, Ints, build_case, empty_table, read_codes
from salus.planning.inrc2.moves import settle
from salus.standards.inrc2.documents import Instance, Roster

Clock = Callable[[], float]
"""Seconds from some moment on: `time.monotonic`, or `time.process_time` where others use the machine too."""

_SLICE_S = 0.08
_SLICE_MOVES = 20_000
_FRACTION = 1000
"""Parts of a unit of cost in which changes of a previous roster are counted where `keep` is no whole number."""
_MOST_TIMES, _COOL = 100, 20
"""The penalty of a missing nurse grows to so many times the least; the cold begins at the least by so much."""


@dataclass(frozen=True)
class Schedule:
    """How the search cools, and what it tries.

    Attributes:
        hot: First temperature, in units of cost.
        warm: First temperature where there is a roster to start from.
        cold: Last temperature.
        changes: Share of moves of one nurse; the rest are exchanges between two.
        off: Share of days off among changes.
        mixed: Share that is tried of exchanges between nurses of whom one has not the other's skill.
        change_days: Most days in a row that a change covers.
        swap_days: Most days in a row that an exchange covers.
        missing: What one nurse too few costs, in units of cost; it grows while none that lacks nobody is known.
    """

    hot: float = 12.0
    warm: float = 3.0
    cold: float = 1.0
    changes: float = 0.3
    off: float = 0.3
    mixed: float = 0.02
    change_days: float = 5.0
    swap_days: float = 8.0
    missing: float = 60.0


@dataclass(frozen=True)
class Budget:
    """When to stop.

    Attributes:
        seconds: By the clock.
        moves: After so many moves, all threads together, whatever the clock says; None for no limit.
    """

    seconds: float
    moves: int | None = None


@dataclass(frozen=True)
class Found:
    """The best roster of a search.

    Attributes:
        codes: (n, d) as in `arrays`.
        missing: Nurses missing for the least cover; with any it is no plan.
        moves: Tried by all threads.
    """

    codes: Ints
    missing: int
    moves: int


@dataclass
class _Walker:
    """One thread's roster, and the best that it has met."""

    case: Case
    schedule: Schedule
    start: Ints | None
    seed: int
    scale: int
    value: Ints = field(init=False)

    def __post_init__(self) -> None:
        self.table = empty_table(self.case, self.seed)
        if self.start is not None:
            self.table.cells[:, :, CODE] = _without_forbidden(self.case, self.start)
        settle(self.case, self.table)
        self.best = np.ascontiguousarray(self.table.cells[:, :, CODE], dtype=np.int64)
        self.value = self.table.totals[[MISSING, 0]].copy()
        self.penalty = int(self.schedule.missing * self.scale)
        self.mix = np.array([self.schedule.changes, self.schedule.off, self.schedule.mixed])
        self.longest = np.array([self.schedule.change_days, self.schedule.swap_days], np.int64)

    def advance(self, moves: int, hot: float, cold: float) -> float:
        """Try so many moves while the temperature falls. Returns the seconds that they took."""
        begin = time.perf_counter()
        least = int(self.schedule.missing * self.scale)
        if self.table.totals[MISSING] == 0:
            self.penalty = max(least, self.penalty - self.penalty // 50)
        elif self.value[0] > 0 or hot * _COOL < least:  # none found yet, or the last chance to mend it
            self.penalty += max(1, self.penalty // 50)
            if self.penalty > _MOST_TIMES * least:  # stuck: let nurses change places again
                self.penalty = least
        case, table = self.case, self.table
        anneal(case, table, self.best, self.value, self.penalty, hot, cold, moves, self.mix, self.longest)
        return time.perf_counter() - begin

    @property
    def rank(self) -> tuple[int, int]:
        """Nurses missing, and cost; the smaller, the better."""
        return int(self.value[0]), int(self.value[1])


def search(
    instance: Instance,
    budget: Budget,
    *,
    schedule: Schedule,
    seed: int,
    threads: int = 1,
    start: Roster | None = None,
    keep: float = 0.0,
    clock: Clock = time.monotonic,
    pause: Callable[[Found, float], bool] | None = None,
) -> Found:
    """Look for a roster.

    Args:
        instance: What is to be planned.
        budget: When to stop.
        schedule: How to cool.
        seed: With `budget.moves` and the same number of threads it decides the answer.
        threads: Walks at the same time.
        start: A roster to begin with, of this instance or of one like it.
        keep: Cost of each day of a nurse that differs from `start`.
        clock: Measures `budget.seconds`.
        pause: Called between slices with the best so far and the seconds gone; True stops the search.

    Returns:
        The best roster that was met.
    """
    begin = clock()
    scale = 1 if float(keep).is_integer() else _FRACTION
    case = build_case(instance, previous=start if keep > 0 else None, keep=round(keep * scale), scale=scale)
    codes = None if start is None else read_codes(instance, start)
    walkers = [_Walker(case, schedule, codes, seed + 7919 * index, scale) for index in range(max(1, threads))]
    hot = (schedule.hot if start is None else schedule.warm) * scale
    ratio = schedule.cold * scale / hot
    moves = _SLICE_MOVES
    walkers[0].advance(0, hot, hot)  # compiles in a fresh installation
    # Whatever that took, a second is left to search, or all of a limit that is shorter.
    begin = max(begin, clock() - max(0.0, budget.seconds - 1.0))
    elapsed = clock() - begin
    with ThreadPoolExecutor(len(walkers)) as pool:
        while True:
            tried = _tried(walkers)
            done = elapsed / max(budget.seconds, 1e-9) if budget.moves is None else tried / max(budget.moves, 1)
            if done >= 1.0:
                break
            if budget.moves is not None:
                moves = min(_SLICE_MOVES, max(1, (budget.moves - tried) // len(walkers)))
                step = moves * len(walkers) / budget.moves
            else:
                step = _SLICE_S / budget.seconds
            took = max(_advance(pool, walkers, moves, hot * ratio**done, hot * ratio ** min(1.0, done + step)))
            moves = int(np.clip(moves * _SLICE_S / max(took, 1e-4), 500, 20 * moves))
            elapsed = clock() - begin
            if pause is not None and pause(_best(walkers), elapsed):
                break
    return _best(walkers)


def _without_forbidden(case: Case, codes: Ints) -> Ints:
    """The codes with days off where nothing is known, and where a shift may not follow the one before."""
    clean = np.maximum(codes, OFF)
    for n, row in enumerate(clean):
        last = int(case.history[n, 0])
        for d, code in enumerate(row):
            if case.forbidden[last, case.shift_of[code]]:
                clean[n, d] = OFF
            last = int(case.shift_of[clean[n, d]])
    return clean


def _advance(pool: ThreadPoolExecutor, walkers: Sequence[_Walker], moves: int, hot: float, cold: float) -> list[float]:
    if len(walkers) == 1:
        return [walkers[0].advance(moves, hot, cold)]
    return [run.result() for run in [pool.submit(walker.advance, moves, hot, cold) for walker in walkers]]


def _tried(walkers: Sequence[_Walker]) -> int:
    return sum(int(walker.table.totals[TRIED]) for walker in walkers)


def _best(walkers: Sequence[_Walker]) -> Found:
    best = min(walkers, key=lambda walker: walker.rank)
    return Found(best.best.copy(), best.rank[0], _tried(walkers))
