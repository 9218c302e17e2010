from __future__ import annotations

import numpy as np
import pytest

from salus.planning.inrc2.annealing import anneal
from salus.planning.inrc2.arrays import CODE, COST, MISSING, build_case, empty_table, read_codes, write_codes
from salus.planning.inrc2.evaluation import evaluate
from salus.planning.inrc2.generation import make_instance
from salus.planning.inrc2.moves import settle
from salus.planning.inrc2.search import Budget, Schedule, search
from salus.standards.inrc2.documents import Instance, Roster

_MOVES = 20_000


@pytest.mark.parametrize("seed", range(6))
def test_sums_stay_those_of_the_roster_whatever_moves_are_made(seed: int) -> None:
    instance = make_instance(seed, weeks=1 + seed % 3)
    case = build_case(instance)
    table = empty_table(case, seed)
    settle(case, table)
    best = np.zeros((len(case.own), case.days), np.int64)
    value = np.array([1 << 40, 1 << 40])
    for hot in (200.0, 20.0, 3.0):
        mix, longest = np.array([0.5, 0.3, 0.5]), np.array([5, 9])
        anneal(case, table, best, value, 70, hot, hot / 2, 4_000, mix, longest)
        before = [values.tolist() for values in (table.cells, table.staff, table.sums, table.totals)]
        settle(case, table)
        assert before == [values.tolist() for values in (table.cells, table.staff, table.sums, table.totals)]
        reckoning = evaluate(instance, write_codes(instance, table.cells[:, :, CODE].astype(np.int64)))
        assert reckoning.cost == table.totals[COST]
        assert reckoning.violations["UnderStaffing"] == table.totals[MISSING] == sum(reckoning.violations.values())


@pytest.mark.parametrize("seed", range(3))
def test_the_best_is_what_the_evaluator_says_of_it(seed: int) -> None:
    instance = make_instance(seed)
    found = search(instance, Budget(1e9, _MOVES), schedule=Schedule(), seed=seed)
    reckoning = evaluate(instance, write_codes(instance, found.codes))
    assert found.missing == reckoning.violations["UnderStaffing"]
    assert found.moves == _MOVES


def test_the_same_seed_and_moves_give_the_same_roster() -> None:
    instance = make_instance(5)
    one, two, other = (_find(instance, seed) for seed in (4, 4, 5))
    assert one == two
    assert one != other


def test_more_moves_are_no_worse() -> None:
    instance = make_instance(5)
    few, many = (evaluate(instance, _find(instance, 1, moves=moves)).cost for moves in (2_000, 200_000))
    assert many < few


def test_a_start_is_kept_where_keeping_is_worth_more_than_the_cost() -> None:
    instance = make_instance(5)
    start = _find(instance, 1)
    found = search(instance, Budget(1e9, _MOVES), schedule=Schedule(), seed=2, start=start, keep=10_000.0)
    assert write_codes(instance, found.codes) == start


def test_a_fraction_of_a_unit_may_be_what_a_change_costs() -> None:
    instance = make_instance(5)
    start = _find(instance, 1, moves=5_000)
    found = search(instance, Budget(1e9, _MOVES), schedule=Schedule(), seed=2, start=start, keep=0.5)
    differing = int((found.codes != np.maximum(0, read_codes(instance, start))).sum())
    cost = evaluate(instance, write_codes(instance, found.codes)).cost
    assert cost + 0.5 * differing <= evaluate(instance, start).cost


def test_a_search_stops_when_told_to() -> None:
    asked: list[float] = []

    def stop(_found: object, elapsed_s: float) -> bool:
        asked.append(elapsed_s)
        return len(asked) == 3

    found = search(make_instance(5), Budget(1e9, 10_000_000), schedule=Schedule(), seed=1, pause=stop)
    assert len(asked) == 3
    assert found.moves < 10_000_000


def test_several_threads_share_the_moves() -> None:
    found = search(make_instance(5), Budget(1e9, _MOVES), schedule=Schedule(), seed=1, threads=2)
    assert found.missing == 0
    assert found.moves == _MOVES


def _find(instance: Instance, seed: int, *, moves: int = _MOVES) -> Roster:
    found = search(instance, Budget(1e9, moves), schedule=Schedule(), seed=seed)
    return write_codes(instance, found.codes)
