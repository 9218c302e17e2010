"""Moves of nurses: in one shift, for the length of a stay, or between rooms. Compiled.

Each function tries one move, and makes it if it costs at most `most` more.
"""

# ruff: noqa: PLR0917 - compiled: indices go by position, and each way out is cheap

from __future__ import annotations

from salus.planning.compilation import part
from salus.planning.ihtc.arrays import COST, COUNT, DAY, STAY, WORK, Case, Ints, Timetable
from salus.planning.ihtc.chance import below, uniform
from salus.planning.ihtc.moves import Past, nurse_cost, set_nurse


@part
def pick_nurse(case: Case, table: Timetable, r: int, s: int) -> int:
    """A nurse who is there in shift `s`; half of the time one who cares for somebody in the room in another shift."""
    d = s // case.shifts_per_day
    if table.ward[r, d, COUNT] > 0 and int(2 * uniform(table)) == 0:
        p = table.ward[r, d, case.first_slot + below(table, table.ward[r, d, COUNT])]
        first = table.place[p, DAY]
        length = min(case.days, first + case.person[p, STAY]) - first
        other = first * case.shifts_per_day + below(table, length * case.shifts_per_day)
        n = table.nurse[r, other]
        if case.limit[n, s] >= 0:
            return int(n)
    return int(case.present[s, 1 + below(table, case.present[s, 0])])


@part
def try_nurse(case: Case, table: Timetable, past: Past, most: float) -> bool:
    """Another nurse for a room in one shift, or two rooms change nurses."""
    rooms, shifts = table.nurse.shape
    r, s = below(table, rooms), below(table, shifts)
    if table.ward[r, s // case.shifts_per_day, COUNT] == 0 and int(8 * uniform(table)) > 0:
        return False
    n = pick_nurse(case, table, r, s)
    old = table.nurse[r, s]
    if n == old:
        return False
    delta = nurse_cost(case, table, past, r, s, n)
    if delta <= most:
        set_nurse(case, table, past, r, s, n)
        table.totals[COST] += delta
        return True
    # The nurse gives up another of their rooms.
    start = below(table, rooms)
    for i in range(rooms):
        other = (start + i) % rooms
        if other != r and table.nurse[other, s] == n and table.strain[other, s, WORK] > 0:
            delta = set_nurse(case, table, past, r, s, n) + set_nurse(case, table, past, other, s, old)
            if delta <= most:
                table.totals[COST] += delta
                return True
            set_nurse(case, table, past, other, s, n)
            set_nurse(case, table, past, r, s, old)
            return False
    return False


@part
def try_rounds(case: Case, table: Timetable, past: Past, undo: Ints, most: float) -> bool:
    """A nurse takes over a room for all of their shifts while somebody stays there."""
    rooms, shifts = table.nurse.shape
    r, s = below(table, rooms), below(table, shifts)
    d = s // case.shifts_per_day
    if table.ward[r, d, COUNT] == 0:
        return False
    n = case.present[s, 1 + below(table, case.present[s, 0])]
    p = table.ward[r, d, case.first_slot + below(table, table.ward[r, d, COUNT])]
    low = table.place[p, DAY]
    high = min(case.days, low + case.person[p, STAY])
    if int(2 * uniform(table)) == 0:
        low, high = max(low, d - 1), min(high, d + 3)
    delta = 0
    count = 0
    for other in range(low * case.shifts_per_day, high * case.shifts_per_day):
        if case.limit[n, other] >= 0 and table.nurse[r, other] != n:
            undo[count, 0], undo[count, 1] = other, table.nurse[r, other]
            count += 1
            delta += set_nurse(case, table, past, r, other, n)
    if count == 0:
        return False
    if delta <= most:
        table.totals[COST] += delta
        return True
    for i in range(count):
        set_nurse(case, table, past, r, undo[i, 0], undo[i, 1])
    return False


@part
def try_trade(case: Case, table: Timetable, past: Past, most: float) -> bool:
    """Two rooms change nurses in one shift, or in all shifts of some days."""
    rooms, shifts = table.nurse.shape
    if rooms < 2:
        return False
    a, b = below(table, rooms), below(table, rooms - 1)
    if b >= a:
        b += 1
    first = below(table, shifts)
    step, stop = 1, first + 1
    kind = int(4 * uniform(table))
    if kind == 1:
        step, stop = case.shifts_per_day, first + case.shifts_per_day * (1 + int(6 * uniform(table)))
    elif kind == 2:
        stop = first + case.shifts_per_day * (1 + int(6 * uniform(table)))
    stop = min(stop, shifts)
    delta = 0
    for s in range(first, stop, step):
        delta += change_over(case, table, past, a, b, s)
    if delta <= most:
        table.totals[COST] += delta
        return True
    for s in range(first, stop, step):
        change_over(case, table, past, a, b, s)
    return False


@part
def change_over(case: Case, table: Timetable, past: Past, a: int, b: int, s: int) -> int:
    """Two rooms change nurses in a shift."""
    n, m = table.nurse[a, s], table.nurse[b, s]
    return set_nurse(case, table, past, a, s, m) + set_nurse(case, table, past, b, s, n)
