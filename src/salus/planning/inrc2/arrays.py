"""An instance and a roster as arrays, as the compiled search takes them.

Indices: n nurse, d day, s shift type (0 is off), k skill, c code of an assignment: 0 is off, 1 + (s - 1) * skills + k a
shift with a skill. Few arrays with many columns, since each costs at every call of a compiled function; the names of
the columns stand below.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from salus.planning.inrc2.evaluation import COSTS, WEIGHTS
from salus.standards.inrc2.documents import Assignment, Instance, Roster

Ints = NDArray[np.int64]
Cells = NDArray[np.int32]

OFF, NOTHING = 0, -1
"""The code of a day off; and the code of a day of which a previous roster says nothing."""
LEAST_WORK, MOST_WORK, LEAST_OFF, MOST_OFF, LEAST_TOTAL, MOST_TOTAL, WEEKENDS, COMPLETE = range(8)
"""Columns of `Case.contract`: consecutive working days and days off, assignments, weekends, 0 or 1."""
SHIFT, LENGTH, RUN, TOTAL, WEEKENDS_SO_FAR = range(5)
"""Columns of `Case.history`: last shift, days in a row on that shift, days in a row at work or off, assignments,
worked weekends."""
LEAST, MOST = range(2)
"""Columns of `Case.shifts` and of `Case.need`."""
CODE, CELL_LENGTH, CELL_RUN, CELL_COST = range(4)
"""Columns of `Table.cells`: the code, days in a row of the same shift (0 if off), days in a row at work or off up to
this one, and what the day costs the nurse."""
DONE, WORKED, OWN = range(3)
"""Columns of `Table.sums`: assignments and worked weekends, those of the history among them, and what the days cost
the nurse (the sum of `CELL_COST`)."""
COVER, SHIFT_RUN, WORK_RUN, OFF_RUN, WISH, WEEKEND, TOTALS, WEEKEND_TOTAL = range(8)
"""Places in `Case.weights`, in the order of `evaluation.COSTS`."""
COST, MISSING, TRIED, ACCEPTED = range(4)
"""Places in `Table.totals`: cost (with what changes of a previous roster cost), nurses missing for the least cover,
moves tried and made."""


class Case(NamedTuple):
    """An instance; nothing in it changes.

    Attributes:
        days: That are planned; a whole number of weeks.
        skills: How many there are.
        shift_of: (c,) shift type of a code.
        forbidden: (1 + s, 1 + s) 1 where the second may not follow the first.
        shifts: (1 + s, 2) least and most days in a row.
        contract: (n, 8)
        history: (n, 5)
        need: (d, c, 2) least and best number of nurses; 0 of days off.
        wish: (n, d, 1 + s) requests not to work that shift.
        options: (n, 1 + c) how many codes a nurse may have, days off aside; and which.
        own: (n, k) 1 where the nurse has the skill.
        weights: (8,)
        past: (n, d) code in the previous roster, or `NOTHING`.
        keep: Cost of each code that differs from it.
    """

    days: int
    skills: int
    shift_of: Ints
    forbidden: Ints
    shifts: Ints
    contract: Ints
    history: Ints
    need: Ints
    wish: Ints
    options: Ints
    own: Ints
    weights: Ints
    past: Ints
    keep: int


class Table(NamedTuple):
    """A roster, with the sums that the search keeps up to date.

    Attributes:
        cells: (n, d, 4)
        staff: (d, c) nurses.
        sums: (n, 3)
        fresh: (2, d) codes that a move is about to give.
        totals: (4,)
        random: (2,) state of the generator.
    """

    cells: Cells
    staff: Cells
    sums: Ints
    fresh: Ints
    totals: Ints
    random: NDArray[np.uint64]


def build_case(instance: Instance, *, previous: Roster | None = None, keep: int = 0, scale: int = 1) -> Case:
    """The instance as arrays; all costs are multiplied by `scale` (`keep` is so already)."""
    scenario = instance.scenario
    shift_index, skill_index = _index_names(instance)
    shifts, skills = len(scenario.shift_types), len(scenario.skills)
    codes = 1 + shifts * skills
    shift_of = np.concatenate([[0], 1 + np.repeat(np.arange(shifts), skills)]).astype(np.int64)
    forbidden = np.zeros((1 + shifts, 1 + shifts), np.int64)
    for before, after in scenario.forbidden:
        forbidden[shift_index[before], shift_index[after]] = 1
    own = np.zeros((len(scenario.nurses), skills), np.int64)
    options = np.zeros((len(scenario.nurses), codes), np.int64)
    for n, nurse in enumerate(scenario.nurses):
        own[n, [skill_index[skill] for skill in nurse.skills]] = 1
        which = 1 + np.flatnonzero(np.tile(own[n], shifts))
        options[n, 0] = len(which)
        options[n, 1 : 1 + len(which)] = which
    need = np.zeros((instance.days, codes, 2), np.int64)
    for day, shift, skill, limits in instance.list_requirements():
        need[day, 1 + (shift_index[shift] - 1) * skills + skill_index[skill]] = limits
    return Case(
        days=instance.days,
        skills=skills,
        shift_of=shift_of,
        forbidden=forbidden,
        shifts=np.array([(0, 0), *(shift.consecutive for shift in scenario.shift_types)], np.int64),
        contract=_contract_table(instance),
        history=_history_table(instance, shift_index),
        need=need,
        wish=_wish_table(instance, shift_index),
        options=options,
        own=own,
        weights=np.array([WEIGHTS[name] * scale for name in COSTS], np.int64),
        past=np.full((len(own), instance.days), NOTHING, np.int64)
        if previous is None
        else read_codes(instance, previous),
        keep=keep,
    )


def empty_table(case: Case, seed: int) -> Table:
    """Everybody off on every day; `moves.settle` then brings the sums up to date."""
    nurses, codes = len(case.own), len(case.shift_of)
    return Table(
        cells=np.zeros((nurses, case.days, 4), np.int32),
        staff=np.zeros((case.days, codes), np.int32),
        sums=np.zeros((nurses, 3), np.int64),
        fresh=np.zeros((2, case.days), np.int64),
        totals=np.zeros(4, np.int64),
        random=np.random.SeedSequence(seed).generate_state(2, np.uint64) | np.uint64(1),
    )


def read_codes(instance: Instance, roster: Roster) -> Ints:
    """(n, d) codes of a roster of this instance or of one like it: 0 where off, `NOTHING` for nurses it never names.

    What the instance does not know is passed over, and so are skills that a nurse has no more.
    """
    shift_index, skill_index = _index_names(instance)
    nurses = {nurse.name: n for n, nurse in enumerate(instance.scenario.nurses)}
    skills = {nurse.name: nurse.skills for nurse in instance.scenario.nurses}
    codes = np.full((len(nurses), instance.days), NOTHING, np.int64)
    for entry in roster.assignments:
        if entry.nurse in nurses:
            codes[nurses[entry.nurse]] = OFF
    for entry in roster.assignments:
        if entry.skill in skills.get(entry.nurse, ()) and entry.shift in shift_index and entry.day < instance.days:
            code = 1 + (shift_index[entry.shift] - 1) * len(skill_index) + skill_index[entry.skill]
            codes[nurses[entry.nurse], entry.day] = code
    return codes


def write_codes(instance: Instance, codes: Ints) -> Roster:
    """The roster of (n, d) codes, by nurse and day."""
    scenario = instance.scenario
    assignments = []
    for n, d in zip(*np.nonzero(codes > OFF), strict=True):
        shift, skill = divmod(int(codes[n, d]) - 1, len(scenario.skills))
        entry = Assignment(scenario.nurses[n].name, int(d), scenario.shift_types[shift].name, scenario.skills[skill])
        assignments.append(entry)
    return Roster(tuple(assignments))


def _index_names(instance: Instance) -> tuple[dict[str, int], dict[str, int]]:
    shifts = {shift.name: 1 + index for index, shift in enumerate(instance.scenario.shift_types)}
    return shifts, {skill: index for index, skill in enumerate(instance.scenario.skills)}


def _contract_table(instance: Instance) -> Ints:
    contracts = {contract.name: contract for contract in instance.scenario.contracts}
    rows = []
    for nurse in instance.scenario.nurses:
        own = contracts[nurse.contract]
        limits = (*own.working_days, *own.days_off, *own.assignments, own.working_weekends, int(own.complete_weekends))
        rows.append(limits)
    return np.array(rows, np.int64)


def _history_table(instance: Instance, shift_index: dict[str, int]) -> Ints:
    rows = []
    for entry in instance.history:
        last = 0 if entry.last_shift is None else shift_index[entry.last_shift]
        run = entry.consecutive_days_off if last == 0 else entry.consecutive_working_days
        rows.append((last, entry.consecutive_assignments, run, entry.assignments, entry.working_weekends))
    return np.array(rows, np.int64)


def _wish_table(instance: Instance, shift_index: dict[str, int]) -> Ints:
    nurses = {nurse.name: n for n, nurse in enumerate(instance.scenario.nurses)}
    wish = np.zeros((len(nurses), instance.days, 1 + len(shift_index)), np.int64)
    for day, request in instance.list_requests():
        shifts = slice(1, None) if request.shift is None else shift_index[request.shift]
        wish[nurses[request.nurse], day, shifts] += 1
    return wish
