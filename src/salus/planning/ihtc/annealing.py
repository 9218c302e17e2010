"""Simulated annealing over admissions, rooms, theatres and nurses at once. Compiled.

Kirkpatrick, Gelatt and Vecchi, "Optimization by simulated annealing", Science 220 (1983), with several neighbourhoods
as in Ceschia and Schaerf's work on patient admission scheduling. The limit of what is accepted is drawn before a move
is reckoned up, so that most moves are left off half-way. No move breaks a hard constraint but one: mandatory patients
may be left out, at a penalty.
"""

# ruff: noqa: PLR0917 - compiled: indices go by position, and each way out is cheap

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from salus.planning.compilation import compiled, part
from salus.planning.ihtc.arrays import ACCEPTED, COST, MISSING, TRIED, Case, Ints, Timetable
from salus.planning.ihtc.chance import uniform
from salus.planning.ihtc.moves import Past
from salus.planning.ihtc.nurses import try_nurse, try_rounds, try_trade
from salus.planning.ihtc.patients import try_force, try_patient, try_swap

STRETCH = 256
"""Moves between two temperatures."""


class Best(NamedTuple):
    """The best timetable so far.

    Attributes:
        place: (p, 3)
        nurse: (r, s)
        value: (2,) mandatory patients left out, and cost; compared in that order.
    """

    place: Ints
    nurse: Ints
    value: np.ndarray[tuple[int], np.dtype[np.int64]]


@part
def keep_best(case: Case, table: Timetable, best: Best) -> None:
    """Remember the timetable if it is the best so far."""
    missing, cost = table.totals[MISSING], table.totals[COST]
    if missing < best.value[0] or (missing == best.value[0] and cost < best.value[1]):
        best.value[0], best.value[1] = missing, cost
        for p in range(case.patients):
            for i in range(3):
                best.place[p, i] = table.place[p, i]
        rooms, shifts = table.nurse.shape
        for r in range(rooms):
            for s in range(shifts):
                best.nurse[r, s] = table.nurse[r, s]


@compiled
def anneal(
    case: Case,
    table: Timetable,
    past: Past,
    best: Best,
    penalty: int,
    hot: float,
    cold: float,
    moves: int,
    mix: np.ndarray[tuple[int], np.dtype[np.float64]],
    undo: Ints,
) -> None:
    """Try so many moves, while the temperature falls from `hot` to `cold` by equal ratios.

    `mix` holds the shares, added up, of: moves of a patient, swaps of patients, changes of a nurse, rounds of a nurse,
    forced admissions; the rest are trades between rooms. Where there is no patient or no theatre, those of patients
    are 0.
    """
    ratio = math.log(cold / hot) / max(1, moves)
    temperature = hot
    for i in range(moves):
        if i % STRETCH == 0:
            temperature = hot * math.exp(ratio * i)
        most = -temperature * math.log(uniform(table))
        kind = uniform(table)
        if kind < mix[0]:
            made = try_patient(case, table, past, penalty, most)
        elif kind < mix[1]:
            made = try_swap(case, table, past, penalty, most)
        elif kind < mix[2]:
            made = try_nurse(case, table, past, most)
        elif kind < mix[3]:
            made = try_rounds(case, table, past, undo, most)
        elif kind < mix[4]:
            made = try_force(case, table, past, penalty, undo, most)
        else:
            made = try_trade(case, table, past, most)
        if made:
            table.totals[ACCEPTED] += 1
            if table.totals[COST] < best.value[1] or table.totals[MISSING] < best.value[0]:
                keep_best(case, table, best)
    table.totals[TRIED] += moves
