"""What a move costs and how it is made: additions and removals of patients, changes of nurses. Compiled.

Every function keeps the sums of the timetable up to date and answers the difference in cost. What a patient costs
while unscheduled is left to the caller (`waiting_cost`). Names of indices are those of `arrays`.
"""

# ruff: noqa: PLR0912, PLR0917 - compiled: indices go by position, and each way out is cheap

from __future__ import annotations

from typing import NamedTuple

from salus.planning.compilation import compiled, part
from salus.planning.ihtc.arrays import (
    AGE,
    CASES,
    COST,
    COUNT,
    DAY,
    FIRST_AGE,
    FIRST_THEATER,
    GENDER,
    LAST,
    LISTED,
    MANDATORY,
    MINUTES,
    MISSING,
    NEED,
    RANK,
    RELEASE,
    ROOM,
    SCHEDULED,
    STAY,
    SUITS,
    SURGEON,
    THEATER,
    THEATERS,
    USED,
    WOMEN,
    WORK,
    Case,
    Ints,
    Timetable,
)

NEVER = 1 << 40
"""More than any difference in cost."""
UNKNOWN = -2
"""The day of a patient of whom the previous plan says nothing."""


class Past(NamedTuple):
    """The previous plan, and what a change of it costs.

    Attributes:
        place: (p, 3) as `Timetable.place`; the day is `UNKNOWN` where nothing is known.
        nurse: (r, s) or -1 where nothing is known.
        keep: Cost of a patient placed otherwise, or of a room and shift with another nurse.
    """

    place: Ints
    nurse: Ints
    keep: int


@part
def moved(past: Past, p: int, d: int, r: int, t: int) -> int:
    """What a placement costs for being another than in the previous plan."""
    if past.keep == 0 or past.place[p, DAY] == UNKNOWN:
        return 0
    if past.place[p, DAY] == d and (d < 0 or (past.place[p, ROOM] == r and past.place[p, THEATER] == t)):
        return 0
    return past.keep


@part
def waiting_cost(case: Case, past: Past, penalty: int, p: int) -> int:
    """What it costs to leave a patient for later; `penalty` where that is forbidden."""
    return (penalty if case.person[p, MANDATORY] == 1 else case.weights[7]) + moved(
        past, p, case.none, case.none, case.none
    )


@part
def age_span(case: Case, table: Timetable, r: int, d: int) -> int:
    """Distance of the youngest and the oldest group in a room; 0 in an empty one."""
    low, high = -1, -1
    for a in range(case.ages):
        if table.ward[r, d, FIRST_AGE + a] > 0:
            if low < 0:
                low = a
            high = a
    return high - low


@part
def add(case: Case, table: Timetable, past: Past, p: int, d: int, r: int, t: int) -> int:
    """Put a person into a room from a day on, and into a theatre on that day (none for an occupant)."""
    w = case.weights
    per_day = case.shifts_per_day
    delta = 0
    table.place[p, DAY], table.place[p, ROOM], table.place[p, THEATER] = d, r, t
    age = case.person[p, AGE]
    for dd in range(d, min(case.days, d + case.person[p, STAY])):
        if table.ward[r, dd, FIRST_AGE + age] == 0 and table.ward[r, dd, COUNT] > 0:
            before = age_span(case, table, r, dd)
            table.ward[r, dd, FIRST_AGE + age] = 1
            delta += w[0] * (age_span(case, table, r, dd) - before)
        else:
            table.ward[r, dd, FIRST_AGE + age] += 1
        table.ward[r, dd, case.first_slot + table.ward[r, dd, COUNT]] = p
        table.ward[r, dd, COUNT] += 1
        table.ward[r, dd, WOMEN] += case.person[p, GENDER]
        for k in range(per_day):
            s, step = dd * per_day + k, (dd - d) * per_day + k
            n = table.nurse[r, s]
            load, need = case.demand[p, step, WORK], case.demand[p, step, NEED]
            free = case.limit[n, s] - table.nurse_work[n, s]
            if load > free:
                delta += w[3] * (load - max(free, 0))
            table.nurse_work[n, s] += load
            table.strain[r, s, WORK] += load
            if need > 0:
                if need > case.skill[n]:
                    delta += w[1] * (need - case.skill[n])
                for q in range(need):
                    table.strain[r, s, 1 + q] += need - q
            if table.care[p, 1 + n] == 0:
                table.care[p, 0] += 1
            table.care[p, 1 + n] += 1
    delta += w[2] * table.care[p, 0]
    if t >= 0:
        u = case.person[p, SURGEON]
        if table.theaters[t, d, CASES] == 0:
            delta += w[4]
        table.theaters[t, d, CASES] += 1
        table.theaters[t, d, USED] += case.person[p, MINUTES]
        if table.surgeons[u, d, FIRST_THEATER + t] == 0:
            if table.surgeons[u, d, THEATERS] > 0:
                delta += w[5]
            table.surgeons[u, d, THEATERS] += 1
        table.surgeons[u, d, FIRST_THEATER + t] += 1
        table.surgeons[u, d, USED] += case.person[p, MINUTES]
        delta += w[6] * (d - case.person[p, RELEASE]) + moved(past, p, d, r, t)
    return int(delta)


@part
def remove(case: Case, table: Timetable, past: Past, p: int) -> int:
    """Take a person out again."""
    w = case.weights
    per_day = case.shifts_per_day
    d, r, t = table.place[p, DAY], table.place[p, ROOM], table.place[p, THEATER]
    delta = -w[2] * table.care[p, 0]
    age = case.person[p, AGE]
    for dd in range(d, min(case.days, d + case.person[p, STAY])):
        table.ward[r, dd, COUNT] -= 1
        last = table.ward[r, dd, COUNT]
        i = 0
        while table.ward[r, dd, case.first_slot + i] != p:
            i += 1
        table.ward[r, dd, case.first_slot + i] = table.ward[r, dd, case.first_slot + last]
        table.ward[r, dd, case.first_slot + last] = -1
        table.ward[r, dd, WOMEN] -= case.person[p, GENDER]
        if table.ward[r, dd, FIRST_AGE + age] == 1 and last > 0:
            before = age_span(case, table, r, dd)
            table.ward[r, dd, FIRST_AGE + age] = 0
            delta += w[0] * (age_span(case, table, r, dd) - before)
        else:
            table.ward[r, dd, FIRST_AGE + age] -= 1
        for k in range(per_day):
            s, step = dd * per_day + k, (dd - d) * per_day + k
            n = table.nurse[r, s]
            load, need = case.demand[p, step, WORK], case.demand[p, step, NEED]
            over = table.nurse_work[n, s] - case.limit[n, s]
            if over > 0:
                delta -= w[3] * min(load, over)
            table.nurse_work[n, s] -= load
            table.strain[r, s, WORK] -= load
            if need > 0:
                if need > case.skill[n]:
                    delta -= w[1] * (need - case.skill[n])
                for q in range(need):
                    table.strain[r, s, 1 + q] -= need - q
            table.care[p, 1 + n] = 0
    table.care[p, 0] = 0
    if t >= 0:
        u = case.person[p, SURGEON]
        table.theaters[t, d, CASES] -= 1
        table.theaters[t, d, USED] -= case.person[p, MINUTES]
        if table.theaters[t, d, CASES] == 0:
            delta -= w[4]
        table.surgeons[u, d, FIRST_THEATER + t] -= 1
        table.surgeons[u, d, USED] -= case.person[p, MINUTES]
        if table.surgeons[u, d, FIRST_THEATER + t] == 0:
            table.surgeons[u, d, THEATERS] -= 1
            if table.surgeons[u, d, THEATERS] > 0:
                delta -= w[5]
        delta -= w[6] * (d - case.person[p, RELEASE]) + moved(past, p, d, r, t)
    table.place[p, DAY], table.place[p, ROOM], table.place[p, THEATER] = -1, -1, -1
    return int(delta)


@part
def adding_cost(case: Case, table: Timetable, past: Past, p: int, d: int, r: int, t: int, most: float) -> int:
    """What `add` would answer, without adding; `NEVER` as soon as it is clear that it is more than `most`.

    `table.care[p]` is all 0 before and after: the person is in no room.
    """
    w = case.weights
    per_day = case.shifts_per_day
    u = case.person[p, SURGEON]
    delta = w[6] * (d - case.person[p, RELEASE]) + moved(past, p, d, r, t)
    if table.theaters[t, d, CASES] == 0:
        delta += w[4]
    if table.surgeons[u, d, FIRST_THEATER + t] == 0 and table.surgeons[u, d, THEATERS] > 0:
        delta += w[5]
    age = case.person[p, AGE]
    end = min(case.days, d + case.person[p, STAY])
    if w[0] > 0:
        for dd in range(d, end):
            if table.ward[r, dd, FIRST_AGE + age] == 0 and table.ward[r, dd, COUNT] > 0:
                before = age_span(case, table, r, dd)
                table.ward[r, dd, FIRST_AGE + age] = 1
                delta += w[0] * (age_span(case, table, r, dd) - before)
                table.ward[r, dd, FIRST_AGE + age] = 0
    if delta > most:
        return NEVER
    first, stop = d * per_day, end * per_day
    reached = stop
    for s in range(first, stop):
        n = table.nurse[r, s]
        step = s - first
        load, need = case.demand[p, step, WORK], case.demand[p, step, NEED]
        free = case.limit[n, s] - table.nurse_work[n, s]
        if load > free:
            delta += w[3] * (load - max(free, 0))
        if need > case.skill[n]:
            delta += w[1] * (need - case.skill[n])
        if table.care[p, 1 + n] == 0:
            table.care[p, 1 + n] = 1
            delta += w[2]
        if delta > most:
            reached = s + 1
            delta = NEVER
            break
    for s in range(first, reached):
        table.care[p, 1 + table.nurse[r, s]] = 0
    return int(delta)


@part
def room_fits(case: Case, table: Timetable, p: int, d: int, r: int, q: int) -> bool:
    """Whether a patient can have a room from a day on, as if they and person `q` (-1: nobody) were nowhere now."""
    if case.rooms[p, r, SUITS] == 0:
        return False
    at_home = table.place[p, ROOM] == r
    aside = q >= 0 and table.place[q, ROOM] == r
    for dd in range(d, min(case.days, d + case.person[p, STAY])):
        count, women = table.ward[r, dd, COUNT], table.ward[r, dd, WOMEN]
        if at_home and table.place[p, DAY] <= dd < table.place[p, DAY] + case.person[p, STAY]:
            count -= 1
            women -= case.person[p, GENDER]
        if aside and table.place[q, DAY] <= dd < table.place[q, DAY] + case.person[q, STAY]:
            count -= 1
            women -= case.person[q, GENDER]
        if count >= case.beds[r, dd]:
            return False
        if women != (count if case.person[p, GENDER] == 1 else 0):
            return False
    return True


@part
def surgeon_fits(case: Case, table: Timetable, p: int, d: int, q: int) -> bool:
    """Whether the surgeon of `p` has time for them on a day, as if they and `q` were nowhere now."""
    u = case.person[p, SURGEON]
    used = table.surgeons[u, d, USED] + case.person[p, MINUTES]
    if table.place[p, DAY] == d:
        used -= case.person[p, MINUTES]
    if q >= 0 and table.place[q, DAY] == d and case.person[q, SURGEON] == u:
        used -= case.person[q, MINUTES]
    return bool(used <= case.surgeons[u, d])


@part
def theater_fits(case: Case, table: Timetable, p: int, d: int, t: int, q: int) -> bool:
    """Whether a theatre has time for `p` on a day, as if they and `q` were nowhere now."""
    used = table.theaters[t, d, USED] + case.person[p, MINUTES]
    if table.place[p, DAY] == d and table.place[p, THEATER] == t:
        used -= case.person[p, MINUTES]
    if q >= 0 and table.place[q, DAY] == d and table.place[q, THEATER] == t:
        used -= case.person[q, MINUTES]
    return bool(used <= case.theaters[t, d])


@part
def set_nurse(case: Case, table: Timetable, past: Past, r: int, s: int, n: int) -> int:
    """Give a room another nurse for a shift."""
    old = table.nurse[r, s]
    if old == n:
        return 0
    w = case.weights
    load = table.strain[r, s, WORK]
    over = table.nurse_work[old, s] - case.limit[old, s]
    delta = -w[3] * min(load, over) if over > 0 else 0
    free = case.limit[n, s] - table.nurse_work[n, s]
    if load > free:
        delta += w[3] * (load - max(free, 0))
    table.nurse_work[old, s] -= load
    table.nurse_work[n, s] += load
    delta += w[1] * (table.strain[r, s, 1 + case.skill[n]] - table.strain[r, s, 1 + case.skill[old]])
    d = s // case.shifts_per_day
    for i in range(table.ward[r, d, COUNT]):
        p = table.ward[r, d, case.first_slot + i]
        table.care[p, 1 + old] -= 1
        if table.care[p, 1 + old] == 0:
            table.care[p, 0] -= 1
            delta -= w[2]
        if table.care[p, 1 + n] == 0:
            table.care[p, 0] += 1
            delta += w[2]
        table.care[p, 1 + n] += 1
    table.nurse[r, s] = n
    if past.keep > 0 and past.nurse[r, s] >= 0:
        if past.nurse[r, s] == old:
            delta += past.keep
        elif past.nurse[r, s] == n:
            delta -= past.keep
    return int(delta)


@part
def nurse_cost(case: Case, table: Timetable, past: Past, r: int, s: int, n: int) -> int:
    """What `set_nurse` would answer, without a change."""
    old = table.nurse[r, s]
    if old == n:
        return 0
    w = case.weights
    load = table.strain[r, s, WORK]
    over = table.nurse_work[old, s] - case.limit[old, s]
    delta = -w[3] * min(load, over) if over > 0 else 0
    free = case.limit[n, s] - table.nurse_work[n, s]
    if load > free:
        delta += w[3] * (load - max(free, 0))
    delta += w[1] * (table.strain[r, s, 1 + case.skill[n]] - table.strain[r, s, 1 + case.skill[old]])
    d = s // case.shifts_per_day
    for i in range(table.ward[r, d, COUNT]):
        p = table.ward[r, d, case.first_slot + i]
        if table.care[p, 1 + old] == 1:
            delta -= w[2]
        if table.care[p, 1 + n] == 0:
            delta += w[2]
    if past.keep > 0 and past.nurse[r, s] >= 0:
        if past.nurse[r, s] == old:
            delta += past.keep
        elif past.nurse[r, s] == n:
            delta -= past.keep
    return int(delta)


@part
def enlist(case: Case, table: Timetable, p: int, scheduled: bool) -> None:
    """Keep the list of scheduled patients, and count those who must not be left out."""
    table.totals[SCHEDULED] += 0 if scheduled else -1
    border = table.totals[SCHEDULED]
    if scheduled:
        table.totals[SCHEDULED] += 1
    other = table.order[LISTED, border]
    place = table.order[RANK, p]
    table.order[LISTED, border], table.order[LISTED, place] = p, other
    table.order[RANK, p], table.order[RANK, other] = border, place
    if case.person[p, MANDATORY] == 1:
        table.totals[MISSING] += -1 if scheduled else 1


@compiled
def settle(case: Case, table: Timetable, past: Past) -> None:
    """Bring the sums of a timetable up to date whose days, rooms, theatres and nurses were just written.

    The sums must be all 0. A patient whose placement breaks a hard constraint is left out. `totals[COST]` becomes the
    weighted cost without any penalty of mandatory patients who are left out.
    """
    cost = 0
    table.totals[SCHEDULED] = 0
    table.totals[MISSING] = 0
    for p in range(case.patients):
        if case.person[p, MANDATORY] == 1:
            table.totals[MISSING] += 1
        else:
            cost += case.weights[7]
    persons = len(table.place)
    for p in range(case.patients, persons):
        cost += add(case, table, past, p, table.place[p, DAY], table.place[p, ROOM], case.none)
    for p in range(case.patients):
        d, r, t = table.place[p, DAY], table.place[p, ROOM], table.place[p, THEATER]
        table.place[p, DAY], table.place[p, ROOM], table.place[p, THEATER] = -1, -1, -1
        if d < 0 or d < case.person[p, RELEASE] or d > case.person[p, LAST]:
            cost += moved(past, p, case.none, case.none, case.none)
        elif (
            room_fits(case, table, p, d, r, case.none)
            and surgeon_fits(case, table, p, d, case.none)
            and theater_fits(case, table, p, d, t, case.none)
        ):
            cost += add(case, table, past, p, d, r, t)
            enlist(case, table, p, d >= 0)
            if case.person[p, MANDATORY] == 0:
                cost -= case.weights[7]
        else:
            cost += moved(past, p, case.none, case.none, case.none)
    if past.keep > 0:
        for r in range(table.nurse.shape[0]):
            for s in range(table.nurse.shape[1]):
                if past.nurse[r, s] >= 0 and past.nurse[r, s] != table.nurse[r, s]:
                    cost += past.keep
    table.totals[COST] = cost
