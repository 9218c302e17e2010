"""Simulated annealing over a roster: days of one nurse, and days that two nurses exchange. Compiled.

Neighbourhoods as in Ceschia, Guido and Schaerf, "Solving the static INRC-II nurse rostering problem by simulated
annealing based on large neighborhoods", Annals of Operations Research 288 (2020): several days in a row are changed, or
exchanged between two nurses. The limit of what is accepted is drawn before a move is reckoned up. No move breaks a
hard constraint but one: too few nurses may be there, at a penalty.
"""

# ruff: noqa: PLR0917 - compiled: indices go by position

from __future__ import annotations

import math

import numpy as np

from salus.planning.compilation import compiled, inlined
from salus.planning.inrc2.arrays import ACCEPTED, CODE, COST, MISSING, TRIED, Case, Ints, Table
from salus.planning.inrc2.chance import below, uniform
from salus.planning.inrc2.moves import try_change, try_swap

STRETCH = 256
"""Moves between two temperatures."""

_Mix = np.ndarray[tuple[int], np.dtype[np.float64]]


@inlined
def pick_days(case: Case, table: Table, longest: int) -> tuple[int, int]:
    """Some days in a row: the first, and the one after the last."""
    length = 1 + below(table, min(longest, case.days))
    first = below(table, case.days - length + 1)
    return first, first + length


@inlined
def change(case: Case, table: Table, penalty: int, longest: int, off: float, most: float) -> bool:
    """Try to give a nurse the same code, or days off, on some days in a row."""
    n = below(table, len(case.own))
    first, stop = pick_days(case, table, longest)
    code = 0
    if case.options[n, 0] > 0 and uniform(table) > off:
        code = case.options[n, 1 + below(table, case.options[n, 0])]
    if case.forbidden[case.shift_of[code], case.shift_of[code]] == 1:
        stop = first + 1
    same = True
    for d in range(first, stop):
        table.fresh[0, d] = code
        same = same and table.cells[n, d, CODE] == code
    return not same and try_change(case, table, penalty, n, first, stop, most)


@inlined
def own_code(case: Case, table: Table, n: int, code: int) -> int:
    """The code itself, or the same shift with another skill where the nurse has not the one; 0 where they have none."""
    if code == 0 or case.own[n, (code - 1) % case.skills] == 1:
        return code
    if case.options[n, 0] == 0:
        return 0
    per_shift = case.options[n, 0] // (len(case.forbidden) - 1)
    return int(case.options[n, 1 + (case.shift_of[code] - 1) * per_shift + below(table, per_shift)])


@inlined
def swap(case: Case, table: Table, penalty: int, longest: int, mixed: float, most: float) -> bool:
    """Try to exchange some days in a row of two nurses; those on which both have the same are left off at the ends.

    Where one of them has not the other's skill they keep the shift with a skill of their own. That mostly leaves a
    shift without someone, so that only a share `mixed` of such exchanges is tried.
    """
    n, m = below(table, len(case.own)), below(table, len(case.own))
    if n == m:
        return False
    first, stop = pick_days(case, table, longest)
    while first < stop and table.cells[n, first, CODE] == table.cells[m, first, CODE]:
        first += 1
    while first < stop and table.cells[n, stop - 1, CODE] == table.cells[m, stop - 1, CODE]:
        stop -= 1
    if first == stop:
        return False
    pure = True
    for d in range(first, stop):
        mine, theirs = table.cells[n, d, CODE], table.cells[m, d, CODE]
        table.fresh[0, d], table.fresh[1, d] = own_code(case, table, n, theirs), own_code(case, table, m, mine)
        if pure and (table.fresh[0, d] != theirs or table.fresh[1, d] != mine):
            pure = False
            if uniform(table) > mixed:
                return False
    return try_swap(case, table, penalty, n, m, first, stop, most, pure)


@compiled
def keep_best(table: Table, best: Ints, value: Ints) -> None:
    """Remember the codes if they are the best so far."""
    missing, cost = table.totals[MISSING], table.totals[COST]
    if missing < value[0] or (missing == value[0] and cost < value[1]):
        value[0], value[1] = missing, cost
        nurses, days = best.shape
        for n in range(nurses):
            for d in range(days):
                best[n, d] = table.cells[n, d, CODE]


@compiled
def anneal(
    case: Case,
    table: Table,
    best: Ints,
    value: Ints,
    penalty: int,
    hot: float,
    cold: float,
    moves: int,
    mix: _Mix,
    longest: Ints,
) -> None:
    """Try so many moves, while the temperature falls from `hot` to `cold` by equal ratios.

    `best` and `value` hold the best codes so far, the nurses that they lack and their cost. `mix` holds the share of
    changes (the rest are exchanges), that of days off among them, and that of mixed skills that are let pass; `longest`
    holds the most days of each.
    """
    ratio = math.log(cold / hot) / max(1, moves)
    temperature = hot
    for i in range(moves):
        if i % STRETCH == 0:
            temperature = hot * math.exp(ratio * i)
        most = -temperature * math.log(uniform(table))
        if uniform(table) < mix[0]:
            made = change(case, table, penalty, longest[0], mix[1], most)
        else:
            made = swap(case, table, penalty, longest[1], mix[2], most)
        if made:
            table.totals[ACCEPTED] += 1
            if table.totals[COST] < value[1] or table.totals[MISSING] < value[0]:
                keep_best(table, best, value)
    table.totals[TRIED] += moves
