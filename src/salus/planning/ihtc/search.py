"""The walk through timetables: temperature, slices, threads, the clock, and when to stop.

Where a fifth of the budget has not found a place for every mandatory patient, constraint programming looks for one.

The compiled annealing runs in slices of about 80 ms, between which the clock is read and the watcher is asked. Each
thread walks on its own from its own seed; the best of all is the answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from salus.planning.ihtc.annealing import Best, anneal
from salus.planning.ihtc.arrays import COST, MISSING, TRIED, Case, Ints, build_case, empty_timetable
from salus.planning.ihtc.feasibility import MandatorySearch
from salus.planning.ihtc.moves import Past, settle
from salus.planning.ihtc.solutions import read_past, take_over
from salus.standards.ihtc2024 import Instance, Placement, Solution

Clock = Callable[[], float]
"""Seconds from some moment on: `time.monotonic`, or `time.process_time` where others use the machine too."""

_SLICE_S = 0.08
_SLICE_MOVES = 20_000
_LEAST_MOVES = 500
_MOST_TIMES = 50
_MOVES_PER_PATIENT = 3_000_000
"""Moves of one annealing; more of them do better in several annealings than in one."""
_RESCUE_AT = 0.2
_RESCUE_EFFORT = 60.0
_FRACTION = 1000
"""Parts of a unit of cost in which changes of a previous plan are counted where `keep` is no whole number."""


@dataclass(frozen=True)
class Schedule:
    """How the search cools, and what it tries; chosen on i01-i15 and small01-09 (docs/packs/hospital_scheduling.md).

    Attributes:
        hot: First temperature, as a share of the largest weight. Every other annealing begins `hotter` times as hot.
        hotter: See there.
        warm: First temperature where there is a plan to start from, likewise.
        cold: Last temperature, as a share of the smallest weight that is not 0.
        patients: Share of moves of one patient.
        swaps: Of two patients.
        nurses: Of a nurse in one shift.
        rounds: Of a nurse in all shifts of a stay.
        forced: Of admissions that make others wait. The rest are trades of nurses between rooms.
    """

    hot: float = 0.3
    hotter: float = 2.0
    warm: float = 0.02
    cold: float = 0.5
    patients: float = 0.35
    swaps: float = 0.14
    nurses: float = 0.30
    rounds: float = 0.10
    forced: float = 0.02


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
    """The best timetable of a search.

    Attributes:
        place: As `Timetable.place`.
        nurse: As `Timetable.nurse`.
        missing: Mandatory patients that are left out; with any it is no plan.
        moves: Tried by all threads.
    """

    place: Ints
    nurse: Ints
    missing: int
    moves: int


@dataclass(frozen=True)
class _Slice:
    """So many moves while the temperature falls, and the shares of each kind of move, added up."""

    moves: int
    hot: float
    cold: float
    mix: np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass
class _Walker:
    """One thread's timetable, and the best that it has met."""

    case: Case
    past: Past
    instance: Instance
    start: Solution | None
    seed: int
    scale: int
    penalty: int = field(init=False)
    least: int = field(init=False)

    def __post_init__(self) -> None:
        self.table = empty_timetable(self.case, self.instance, self.seed)
        if self.start is not None:
            take_over(self.table, self.case, self.instance, self.start)
        settle(self.case, self.table, self.past)
        now = np.array([self.table.totals[MISSING], self.table.totals[COST]])
        self.best = Best(self.table.place.copy(), self.table.nurse.copy(), now)
        self.undo = np.zeros((self.table.nurse.shape[1] + 4, 4), np.int64)
        self.penalty = self.least = max(500 * self.scale, 2 * int(self.case.weights[7]))

    def advance(self, part: _Slice) -> float:
        """Try the moves of a slice. Returns the seconds that they took.

        The penalty of leaving out a mandatory patient rises while there are any, and sinks back while there are none.
        """
        begin = time.perf_counter()
        if self.table.totals[MISSING] > 0:
            self.penalty += self.penalty // 10
            if self.penalty > _MOST_TIMES * self.least:  # stuck: let them change places again
                self.penalty = self.least
        else:
            self.penalty = max(self.least, self.penalty - self.penalty // 50)
        case, table, past, best = self.case, self.table, self.past, self.best
        anneal(case, table, past, best, self.penalty, part.hot, part.cold, part.moves, part.mix, self.undo)
        return time.perf_counter() - begin

    def rescue(self, placements: tuple[Placement, ...]) -> None:
        """Go on from a place for every mandatory patient, with the nurses of now; what was best stays remembered."""
        nurse, random = self.table.nurse, self.table.random
        tried = int(self.table.totals[TRIED])
        self.table = empty_timetable(self.case, self.instance, self.seed)
        take_over(self.table, self.case, self.instance, Solution(patients=placements, nurses=()))
        self.table.nurse[:], self.table.random[:] = nurse, random
        settle(self.case, self.table, self.past)
        self.table.totals[TRIED] = tried
        found = int(self.table.totals[MISSING]), int(self.table.totals[COST])
        if found < self.rank:
            self.best.place[:], self.best.nurse[:], self.best.value[:] = self.table.place, self.table.nurse, found

    @property
    def rank(self) -> tuple[int, int]:
        """Mandatory patients left out, and cost; the smaller, the better."""
        return int(self.best.value[0]), int(self.best.value[1])


class _Cooling:
    """How hot it is when so much of the budget is gone.

    A budget that is large for its instance is spent on several annealings one after the other, some of them hotter; the
    best that was met in any of them counts. A start from a plan is annealed once, so that the plan is not lost.
    """

    def __init__(self, schedule: Schedule, case: Case, *, warm: bool) -> None:
        self._schedule, self._warm = schedule, warm
        weights = case.weights[case.weights > 0]
        self._largest, self._smallest = int(weights.max(initial=1)), int(weights.min(initial=1 << 40))
        self._count: int | None = None

    def count(self, moves: float, patients: int) -> int:
        """Annealings of a walker that can make so many moves; settled by the second slice, when speed is known."""
        if self._warm:
            return 1
        if self._count is None:
            self._count = 0
            return 1
        if self._count == 0:
            self._count = max(1, round(moves / (_MOVES_PER_PATIENT * max(1, patients))))
        return self._count

    def fall(self, done: float, step: float, rounds: int, walker: int) -> tuple[float, float]:
        """The temperatures at the beginning and the end of a slice."""
        which = min(int(done * rounds), rounds - 1)
        begin = (self._schedule.warm if self._warm else self._schedule.hot) * self._largest
        if not self._warm and (which + walker) % 2 == 1:
            begin *= self._schedule.hotter
        ratio = self._schedule.cold * min(self._smallest, self._largest) / begin
        first = done * rounds - which
        return begin * ratio ** min(1.0, first), begin * ratio ** min(1.0, first + step * rounds)


class _Rescue:
    """Constraint programming for mandatory patients whom no walker finds a place for.

    By the clock it works beside the walkers and stops with them; by moves it is waited for, so that the answer is the
    same each time.
    """

    def __init__(self, instance: Instance, budget: Budget, seed: int) -> None:
        self._instance, self._budget, self._seed = instance, budget, seed
        self._wait = budget.moves is not None
        self._pool = ThreadPoolExecutor(1)
        self._search: MandatorySearch | None = None
        self._run: Future[tuple[Placement, ...] | None] | None = None
        self._over, self._stopped = False, False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped = True
        if self._search is not None:
            self._search.stop()
        self._pool.shutdown()

    def _work(self) -> tuple[Placement, ...] | None:
        seconds = None if self._wait else self._budget.seconds
        self._search = MandatorySearch(self._instance, effort=_RESCUE_EFFORT, seconds=seconds, seed=self._seed)
        return None if self._stopped else self._search.run()

    def look_after(self, walkers: Sequence[_Walker]) -> None:
        """Begin where every walker misses somebody; help those who still do when there is an answer."""
        if self._over or not all(walker.rank[0] > 0 for walker in walkers):
            return
        if self._run is None:
            self._run = self._pool.submit(self._work)
        if self._wait or self._run.done():
            self._over = True
            placements = self._run.result()
            for walker in walkers if placements is not None else ():
                walker.rescue(placements or ())


def search(
    instance: Instance,
    budget: Budget,
    *,
    schedule: Schedule,
    seed: int,
    threads: int = 1,
    start: Solution | None = None,
    keep: float = 0.0,
    clock: Clock = time.monotonic,
    pause: Callable[[Found, float], bool] | None = None,
) -> Found:
    """Look for a timetable.

    Args:
        instance: What is to be planned.
        budget: When to stop.
        schedule: How to cool.
        seed: With `budget.moves` and the same number of threads it decides the answer.
        threads: Walks at the same time.
        start: A plan to begin with, of this instance or of one like it.
        keep: Cost of each assignment that differs from `start`.
        clock: Measures `budget.seconds`.
        pause: Called between slices with the best so far and the seconds gone; True stops the search.

    Returns:
        The best timetable that was met.
    """
    begin = clock()
    scale = 1 if float(keep).is_integer() else _FRACTION
    case = build_case(instance)
    case = case._replace(weights=case.weights * scale)
    past = read_past(case, instance, start if keep > 0 else None, round(keep * scale))
    walkers = [_Walker(case, past, instance, start, seed + 7919 * index, scale) for index in range(max(1, threads))]
    cooling = _Cooling(schedule, case, warm=start is not None)
    mix = _add_up(schedule, case)
    moves, slice_s = _SLICE_MOVES, min(_SLICE_S, budget.seconds / 100)
    for walker in walkers:
        walker.advance(_Slice(0, 1.0, 1.0, mix))  # compiles in a fresh installation
    # Whatever that took, a second is left to search, or all of a limit that is shorter.
    begin = max(begin, clock() - max(0.0, budget.seconds - 1.0))
    elapsed = clock() - begin
    with ThreadPoolExecutor(len(walkers)) as pool, _Rescue(instance, budget, seed) as rescue:
        while True:
            tried = _tried(walkers)
            done = elapsed / max(budget.seconds, 1e-9) if budget.moves is None else tried / max(budget.moves, 1)
            if done >= 1.0:
                break
            if budget.moves is not None:
                moves = _share(budget.moves, budget.moves - tried, len(walkers))
                step, whole = moves * len(walkers) / budget.moves, budget.moves / len(walkers)
            else:
                step = slice_s / budget.seconds
                whole = moves / step
            rounds = cooling.count(whole, case.patients)
            parts = [_Slice(moves, *cooling.fall(done, step, rounds, index), mix) for index in range(len(walkers))]
            took = max(_advance(pool, walkers, parts))
            moves = int(np.clip(moves * slice_s / max(took, 1e-4), _LEAST_MOVES, 20 * moves))
            if done >= _RESCUE_AT:
                rescue.look_after(walkers)
            elapsed = clock() - begin
            if pause is not None and pause(_best(walkers), elapsed):
                break
    return _best(walkers)


def _share(moves: int, left: int, walkers: int) -> int:
    """Moves of a walker in the next slice: a hundredth of all, within limits, or what is left."""
    return min(max(_LEAST_MOVES, min(_SLICE_MOVES, moves // 100)), max(1, left // walkers))


def _add_up(schedule: Schedule, case: Case) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The shares of the moves, added up; none of patients where there is nobody or no theatre."""
    movable = float(case.patients > 0 and len(case.theaters) > 0)
    patients, swaps, forced = (share * movable for share in (schedule.patients, schedule.swaps, schedule.forced))
    return np.cumsum([patients, swaps, schedule.nurses, schedule.rounds, forced])


def _advance(pool: ThreadPoolExecutor, walkers: Sequence[_Walker], parts: Sequence[_Slice]) -> list[float]:
    if len(walkers) == 1:
        return [walkers[0].advance(parts[0])]
    return list(pool.map(_Walker.advance, walkers, parts))


def _tried(walkers: Sequence[_Walker]) -> int:
    return sum(int(walker.table.totals[TRIED]) for walker in walkers)


def _best(walkers: Sequence[_Walker]) -> Found:
    best = min(walkers, key=lambda walker: walker.rank)
    return Found(best.best.place, best.best.nurse, best.rank[0], _tried(walkers))
