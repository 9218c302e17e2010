"""What a move costs and how it is made: days of one nurse, or of two nurses who change places. Compiled.

A day's cost belongs to the nurse and depends on the run that it ends or prolongs, so that a change is reckoned up from
its first day on to the day from which all is as it was. Names of indices are those of `arrays`.
"""

# ruff: noqa: PLR0912, PLR0917 - compiled: indices go by position, and each way out is cheap

from __future__ import annotations

from salus.planning.compilation import compiled, inlined
from salus.planning.inrc2.arrays import (
    CELL_COST,
    CELL_LENGTH,
    CELL_RUN,
    CODE,
    COMPLETE,
    COST,
    COVER,
    DONE,
    LEAST,
    LEAST_OFF,
    LEAST_TOTAL,
    LEAST_WORK,
    LENGTH,
    MISSING,
    MOST,
    MOST_OFF,
    MOST_TOTAL,
    MOST_WORK,
    OFF_RUN,
    OWN,
    RUN,
    SHIFT,
    SHIFT_RUN,
    TOTAL,
    TOTALS,
    WEEKEND,
    WEEKEND_TOTAL,
    WEEKENDS,
    WEEKENDS_SO_FAR,
    WISH,
    WORK_RUN,
    WORKED,
    Case,
    Table,
)

WEEK, SATURDAY, SUNDAY = 7, 5, 6
NEVER = 1 << 40
"""More than any difference in cost."""


@inlined
def walk(case: Case, table: Table, n: int, first: int, stop: int, row: int, write: int) -> int:
    """Difference in the cost of a nurse's days if those from `first` up to `stop` get `table.fresh[row]`.

    With `write` 1 the days become so; with 2 every day is reckoned up anew, whatever the table says.
    """
    w = case.weights
    if first == 0:
        last, length, run = case.history[n, SHIFT], case.history[n, LENGTH], case.history[n, RUN]
    else:
        last = case.shift_of[table.cells[n, first - 1, CODE]]
        length, run = table.cells[n, first - 1, CELL_LENGTH], table.cells[n, first - 1, CELL_RUN]
    delta = 0
    for d in range(first, case.days):
        code = table.fresh[row, d] if d < stop else table.cells[n, d, CODE]
        shift = case.shift_of[code]
        cost = w[WISH] * case.wish[n, d, shift]
        if shift == 0:
            if last == 0:
                run += 1
            else:
                cost += w[WORK_RUN] * max(0, case.contract[n, LEAST_WORK] - run)
                cost += w[SHIFT_RUN] * max(0, case.shifts[last, LEAST] - length)
                run = 1
            length = 0
            if run > case.contract[n, MOST_OFF]:
                cost += w[OFF_RUN]
        else:
            if last == 0:
                cost += w[OFF_RUN] * max(0, case.contract[n, LEAST_OFF] - run)
                run, length = 1, 1
            else:
                run += 1
                if shift == last:
                    length += 1
                else:
                    cost += w[SHIFT_RUN] * max(0, case.shifts[last, LEAST] - length)
                    length = 1
            if run > case.contract[n, MOST_WORK]:
                cost += w[WORK_RUN]
            if length > case.shifts[shift, MOST]:
                cost += w[SHIFT_RUN]
        if d % WEEK == SUNDAY and case.contract[n, COMPLETE] == 1 and (shift == 0) != (last == 0):
            cost += w[WEEKEND]
        if case.keep > 0 and case.past[n, d] >= 0 and case.past[n, d] != code:
            cost += case.keep
        last = shift
        delta += cost - table.cells[n, d, CELL_COST]
        same = run == table.cells[n, d, CELL_RUN] and length == table.cells[n, d, CELL_LENGTH]
        if write > 0:
            table.cells[n, d, CODE] = code
            table.cells[n, d, CELL_LENGTH], table.cells[n, d, CELL_RUN] = length, run
            table.cells[n, d, CELL_COST] = cost
        if d >= stop and same and write < 2:
            break
    return int(delta)


@inlined
def fits(case: Case, table: Table, n: int, first: int, stop: int, row: int) -> bool:
    """Whether the fresh days may stand beside their neighbours; they are sound among themselves."""
    last = case.history[n, SHIFT] if first == 0 else case.shift_of[table.cells[n, first - 1, CODE]]
    if case.forbidden[last, case.shift_of[table.fresh[row, first]]] == 1:
        return False
    last = case.shift_of[table.fresh[row, stop - 1]]
    return stop == case.days or case.forbidden[last, case.shift_of[table.cells[n, stop, CODE]]] == 0


@inlined
def line_cost(case: Case, n: int, total: int, weekends: int) -> int:
    """What a nurse's assignments and weekends in the whole period cost."""
    outside = max(0, case.contract[n, LEAST_TOTAL] - total, total - case.contract[n, MOST_TOTAL])
    return int(
        case.weights[TOTALS] * outside + case.weights[WEEKEND_TOTAL] * max(0, weekends - case.contract[n, WEEKENDS])
    )


@inlined
def sums_cost(case: Case, table: Table, n: int, first: int, stop: int, row: int, write: int) -> int:
    """Difference in `line_cost` if the days from `first` up to `stop` get `table.fresh[row]`."""
    total, weekends = table.sums[n, DONE], table.sums[n, WORKED]
    for d in range(first, stop):
        total += (table.fresh[row, d] > 0) - (table.cells[n, d, CODE] > 0)
        day = d % WEEK
        if day == SUNDAY or (day == SATURDAY and stop == d + 1):
            saturday = d - (day - SATURDAY)
            before = table.cells[n, saturday, CODE] > 0 or table.cells[n, saturday + 1, CODE] > 0
            one = table.fresh[row, saturday] if saturday >= first else table.cells[n, saturday, CODE]
            other = table.fresh[row, saturday + 1] if saturday + 1 < stop else table.cells[n, saturday + 1, CODE]
            weekends += (one > 0 or other > 0) - before
    delta = line_cost(case, n, total, weekends) - line_cost(case, n, table.sums[n, DONE], table.sums[n, WORKED])
    if write > 0:
        table.sums[n, DONE], table.sums[n, WORKED] = total, weekends
    return int(delta)


@inlined
def cover_cost(case: Case, table: Table, penalty: int, n: int, first: int, stop: int, row: int) -> int:
    """Difference in what is lacking if a nurse's days from `first` up to `stop` get `table.fresh[row]`."""
    delta = 0
    for d in range(first, stop):
        old, new = table.cells[n, d, CODE], table.fresh[row, d]
        if old != new:
            if old > 0:
                there = table.staff[d, old]
                if there <= case.need[d, old, MOST]:
                    delta += case.weights[COVER]
                    if there <= case.need[d, old, LEAST]:
                        delta += penalty
            if new > 0:
                there = table.staff[d, new]
                if there < case.need[d, new, MOST]:
                    delta -= case.weights[COVER]
                    if there < case.need[d, new, LEAST]:
                        delta -= penalty
    return int(delta)


@inlined
def restaff(case: Case, table: Table, n: int, first: int, stop: int, row: int, back: int) -> None:
    """Move a nurse to the fresh codes in `table.staff` and what is missing; with `back` 1, back again."""
    for d in range(first, stop):
        old, new = table.cells[n, d, CODE], table.fresh[row, d]
        if old != new:
            if back == 1:
                old, new = new, old
            if old > 0:
                table.staff[d, old] -= 1
                table.totals[MISSING] += table.staff[d, old] < case.need[d, old, LEAST]
            if new > 0:
                table.totals[MISSING] -= table.staff[d, new] < case.need[d, new, LEAST]
                table.staff[d, new] += 1


@compiled
def settle(case: Case, table: Table) -> None:
    """Bring every sum of the table up to date with the codes in `table.cells`."""
    table.totals[COST] = 0
    table.totals[MISSING] = 0
    for d in range(case.days):
        for code in range(len(case.shift_of)):
            table.staff[d, code] = 0
        for n in range(len(case.own)):
            if table.cells[n, d, CODE] > 0:
                table.staff[d, table.cells[n, d, CODE]] += 1
        for code in range(1, len(case.shift_of)):
            table.totals[COST] += case.weights[COVER] * max(0, case.need[d, code, MOST] - table.staff[d, code])
            table.totals[MISSING] += max(0, case.need[d, code, LEAST] - table.staff[d, code])
    for n in range(len(case.own)):
        table.sums[n, DONE], table.sums[n, WORKED] = case.history[n, TOTAL], case.history[n, WEEKENDS_SO_FAR]
        for d in range(case.days):
            table.cells[n, d, CELL_COST] = 0
            table.sums[n, DONE] += table.cells[n, d, CODE] > 0
            if d % WEEK == SUNDAY:
                table.sums[n, WORKED] += table.cells[n, d, CODE] > 0 or table.cells[n, d - 1, CODE] > 0
        table.sums[n, OWN] = walk(case, table, n, 0, 0, 0, 2)
        table.totals[COST] += table.sums[n, OWN]
        table.totals[COST] += line_cost(case, n, table.sums[n, DONE], table.sums[n, WORKED])


@inlined
def make(case: Case, table: Table, n: int, first: int, stop: int, row: int) -> None:
    """Give a nurse the fresh days, with every sum but the staff and the cost."""
    sums_cost(case, table, n, first, stop, row, 1)
    table.sums[n, OWN] += walk(case, table, n, first, stop, row, 1)


@inlined
def try_change(case: Case, table: Table, penalty: int, n: int, first: int, stop: int, most: float) -> bool:
    """Give a nurse the fresh days of row 0 if that costs at most `most`."""
    delta = cover_cost(case, table, penalty, n, first, stop, 0) + sums_cost(case, table, n, first, stop, 0, 0)
    if delta - table.sums[n, OWN] > most or not fits(case, table, n, first, stop, 0):
        return False
    delta += walk(case, table, n, first, stop, 0, 0)
    if delta > most:
        return False
    missing = table.totals[MISSING]
    restaff(case, table, n, first, stop, 0, 0)
    make(case, table, n, first, stop, 0)
    table.totals[COST] += delta - penalty * (table.totals[MISSING] - missing)
    return True


@inlined
def try_swap(
    case: Case, table: Table, penalty: int, n: int, m: int, first: int, stop: int, most: float, pure: bool
) -> bool:
    """Give two nurses the fresh days of rows 0 and 1 if that costs at most `most`.

    `pure` says that they just change places, so that no shift gains or loses anybody.
    """
    if not fits(case, table, n, first, stop, 0) or not fits(case, table, m, first, stop, 1):
        return False
    delta = sums_cost(case, table, n, first, stop, 0, 0) + sums_cost(case, table, m, first, stop, 1, 0)
    if pure and delta - table.sums[n, OWN] - table.sums[m, OWN] > most:
        return False
    delta += walk(case, table, n, first, stop, 0, 0)
    if pure and delta - table.sums[m, OWN] > most:
        return False
    delta += walk(case, table, m, first, stop, 1, 0)
    missing = table.totals[MISSING]
    if not pure:
        delta += cover_cost(case, table, penalty, n, first, stop, 0)
        restaff(case, table, n, first, stop, 0, 0)
        delta += cover_cost(case, table, penalty, m, first, stop, 1)
        if delta > most:
            restaff(case, table, n, first, stop, 0, 1)
            return False
        restaff(case, table, m, first, stop, 1, 0)
    elif delta > most:
        return False
    make(case, table, n, first, stop, 0)
    make(case, table, m, first, stop, 1)
    table.totals[COST] += delta - penalty * (table.totals[MISSING] - missing)
    return True
