"""Moves of patients: elsewhere, in each other's place, or in at the cost of others. Compiled.

Each function tries one move, and makes it if it costs at most `most` more. No hard constraint is ever broken but one:
mandatory patients may wait, at a penalty that is not part of `totals[COST]`.
"""

# ruff: noqa: PLR0911, PLR0912, PLR0917 - compiled: indices go by position, and each way out is cheap

from __future__ import annotations

from salus.planning.compilation import part
from salus.planning.ihtc.arrays import (
    CASES,
    CHOICE,
    CHOICES,
    COST,
    COUNT,
    DAY,
    FIRST_THEATER,
    GENDER,
    LAST,
    LISTED,
    MANDATORY,
    MISSING,
    RELEASE,
    ROOM,
    SCHEDULED,
    STAY,
    SUITS,
    SURGEON,
    THEATER,
    THEATERS,
    WOMEN,
    Case,
    Ints,
    Timetable,
)
from salus.planning.ihtc.chance import below, uniform
from salus.planning.ihtc.moves import (
    NEVER,
    Past,
    add,
    adding_cost,
    enlist,
    remove,
    room_fits,
    surgeon_fits,
    theater_fits,
    waiting_cost,
)

_TRIES = 8
"""Places that are tried for somebody who had to go."""


@part
def pick_day(case: Case, table: Timetable, p: int) -> int:
    """A day on which a patient may be admitted, near the present one half of the time."""
    low, high = case.person[p, RELEASE], case.person[p, LAST]
    if table.place[p, DAY] >= 0 and int(2 * uniform(table)) == 0:
        low, high = max(low, table.place[p, DAY] - 2), min(high, table.place[p, DAY] + 2)
    return int(low + below(table, high - low + 1))


@part
def pick_theater(case: Case, table: Timetable, p: int, d: int, q: int) -> int:
    """A theatre that has time for `p` on a day (as if `q` were nowhere), or -1.

    Mostly the one that costs least, first where the surgeon already operates, then one that is open; now and then any.
    """
    theaters = case.theaters.shape[0]
    if theaters == 0 or not surgeon_fits(case, table, p, d, q):
        return -1
    start = below(table, theaters)
    greedy = int(4 * uniform(table)) > 0
    u = case.person[p, SURGEON]
    chosen, least = -1, NEVER
    for i in range(theaters):
        t = start + i
        if t >= theaters:
            t -= theaters
        if theater_fits(case, table, p, d, t, q):
            if not greedy:
                return t
            price = 0
            if table.theaters[t, d, CASES] == 0:
                price += case.weights[4]
            if table.surgeons[u, d, FIRST_THEATER + t] == 0 and table.surgeons[u, d, THEATERS] > 0:
                price += case.weights[5]
            if price < least:
                chosen, least = t, price
    return chosen


@part
def relocate(
    case: Case, table: Timetable, past: Past, penalty: int, p: int, d: int, r: int, t: int, most: float
) -> bool:
    """Place a patient where there is room for them (`d` -1: leave them out) if that costs at most `most` more."""
    old_d, old_r, old_t = table.place[p, DAY], table.place[p, ROOM], table.place[p, THEATER]
    if old_d == d and old_r == r and old_t == t:
        return False
    waiting = waiting_cost(case, past, penalty, p)
    delta = remove(case, table, past, p) if old_d >= 0 else -waiting
    extra = adding_cost(case, table, past, p, d, r, t, most - delta) if d >= 0 else waiting
    if delta + extra > most:
        if old_d >= 0:
            add(case, table, past, p, old_d, old_r, old_t)
        return False
    if d >= 0:
        add(case, table, past, p, d, r, t)
    if (d >= 0) != (old_d >= 0):
        enlist(case, table, p, d >= 0)
    if case.person[p, MANDATORY] == 1:  # the penalty is no cost
        delta += penalty if old_d < 0 else 0
        extra -= penalty if d < 0 else 0
    table.totals[COST] += delta + extra
    return True


@part
def exchange(
    case: Case,
    table: Timetable,
    past: Past,
    penalty: int,
    p: int,
    place: tuple[int, int, int],
    q: int,
    other: tuple[int, int, int],
    most: float,
) -> bool:
    """Place two patients anew; `place` fits without both, whether `other` fits besides is seen here."""
    p_d, p_r, p_t = table.place[p, DAY], table.place[p, ROOM], table.place[p, THEATER]
    q_d, q_r, q_t = table.place[q, DAY], table.place[q, ROOM], table.place[q, THEATER]
    waiting_p, waiting_q = waiting_cost(case, past, penalty, p), waiting_cost(case, past, penalty, q)
    delta = remove(case, table, past, p) if p_d >= 0 else -waiting_p
    delta += remove(case, table, past, q) if q_d >= 0 else -waiting_q
    if other[0] < 0:
        delta += waiting_q
    extra = adding_cost(case, table, past, p, place[0], place[1], place[2], most - delta)
    done = delta + extra <= most
    if done:
        add(case, table, past, p, place[0], place[1], place[2])
        delta += extra
        if other[0] >= 0:
            done = (
                room_fits(case, table, q, other[0], other[1], case.none)
                and surgeon_fits(case, table, q, other[0], case.none)
                and theater_fits(case, table, q, other[0], other[2], case.none)
            )
            if done:
                extra = adding_cost(case, table, past, q, other[0], other[1], other[2], most - delta)
                done = delta + extra <= most
                if done:
                    add(case, table, past, q, other[0], other[1], other[2])
                    delta += extra
        if not done:
            remove(case, table, past, p)
    if not done:
        if p_d >= 0:
            add(case, table, past, p, p_d, p_r, p_t)
        if q_d >= 0:
            add(case, table, past, q, q_d, q_r, q_t)
        return False
    if p_d < 0:
        enlist(case, table, p, p_d < 0)
        delta += penalty if case.person[p, MANDATORY] == 1 else 0
    if (q_d < 0) != (other[0] < 0):
        enlist(case, table, q, q_d < 0)
        if case.person[q, MANDATORY] == 1:
            delta += penalty if q_d < 0 else -penalty
    table.totals[COST] += delta
    return True


@part
def try_patient(case: Case, table: Timetable, past: Past, penalty: int, most: float) -> bool:
    """Place one patient elsewhere; whoever is alone in the way makes room."""
    p = below(table, case.patients)
    if case.person[p, LAST] < case.person[p, RELEASE] or case.person[p, CHOICES] == 0:
        return False
    now = table.place[p, DAY]
    kind = int(16 * uniform(table))
    if now >= 0 and kind == 0:
        t = below(table, case.theaters.shape[0])
        if not theater_fits(case, table, p, now, t, case.none):
            return False
        return relocate(case, table, past, penalty, p, now, table.place[p, ROOM], t, most)
    if now >= 0 and kind == 1 and case.person[p, MANDATORY] == 0:
        return relocate(case, table, past, penalty, p, case.none, case.none, case.none, most)
    d, r, t = now, table.place[p, ROOM], table.place[p, THEATER]
    if now < 0 or kind >= 8:
        d = pick_day(case, table, p)
    if now < 0 or kind < 12:
        r = case.rooms[p, below(table, case.person[p, CHOICES]), CHOICE]
    if room_fits(case, table, p, d, r, case.none):
        if d != now:
            t = pick_theater(case, table, p, d, case.none)
            if t < 0:
                return False
        return relocate(case, table, past, penalty, p, d, r, t, most)
    return displace(case, table, past, penalty, p, d, r, most)


@part
def displace(case: Case, table: Timetable, past: Past, penalty: int, p: int, d: int, r: int, most: float) -> bool:
    """Place `p` in a room that is taken; one patient who is in the way goes elsewhere."""
    q = find_blocker(case, table, p, d, r)
    if q < 0 or not room_fits(case, table, p, d, r, q):
        return False
    now = table.place[p, DAY]
    t = table.place[p, THEATER] if d == now else pick_theater(case, table, p, d, q)
    if t < 0:
        return False
    q_d, q_t = table.place[q, DAY], table.place[q, THEATER]
    kind = int(8 * uniform(table))
    if now < 0 and (kind < 4 or (case.person[q, MANDATORY] == 0 and kind < 7)):
        return exchange(case, table, past, penalty, p, (d, r, t), q, (case.none, case.none, case.none), most)
    if now >= 0 and kind < 4:  # into the room of p, on the same day
        if not room_fits(case, table, q, q_d, table.place[p, ROOM], p):
            return False
        return exchange(case, table, past, penalty, p, (d, r, t), q, (q_d, table.place[p, ROOM], q_t), most)
    if kind < 6:  # into any room, on the same day
        other = case.rooms[q, below(table, case.person[q, CHOICES]), CHOICE]
        if not room_fits(case, table, q, q_d, other, p):
            return False
        return exchange(case, table, past, penalty, p, (d, r, t), q, (q_d, other, q_t), most)
    if kind == 6 and now >= 0:  # the two change places altogether
        if not case.person[q, RELEASE] <= now <= case.person[q, LAST] or not room_fits(
            case, table, q, now, table.place[p, ROOM], p
        ):
            return False
        return exchange(
            case, table, past, penalty, p, (d, r, t), q, (now, table.place[p, ROOM], table.place[p, THEATER]), most
        )
    day = pick_day(case, table, q)
    other = case.rooms[q, below(table, case.person[q, CHOICES]), CHOICE]
    if not room_fits(case, table, q, day, other, p):
        return False
    theater = pick_theater(case, table, q, day, p)
    if theater < 0:
        return False
    return exchange(case, table, past, penalty, p, (d, r, t), q, (day, other, theater), most)


@part
def find_blocker(case: Case, table: Timetable, p: int, d: int, r: int) -> int:
    """A patient without whom `p` might fit into a room; -1 where there is none."""
    if case.rooms[p, r, SUITS] == 0:
        return -1
    for dd in range(d, min(case.days, d + case.person[p, STAY])):
        count = table.ward[r, dd, COUNT]
        others = count - table.ward[r, dd, WOMEN] if case.person[p, GENDER] == 1 else table.ward[r, dd, WOMEN]
        if others > 0 or count >= case.beds[r, dd]:
            if count == 0:
                return -1
            start = below(table, count)
            for i in range(count):
                q = table.ward[r, dd, case.first_slot + (start + i) % count]
                if q != p and q < case.patients and (others == 0 or case.person[q, GENDER] != case.person[p, GENDER]):
                    return int(q)
            return -1
    return -1


@part
def try_swap(case: Case, table: Timetable, past: Past, penalty: int, most: float) -> bool:
    """Two patients change rooms, days, or both; half of the time two of one surgeon."""
    p = below(table, case.patients)
    if uniform(table) < 0.5:
        if case.person[p, LAST] < case.person[p, RELEASE] or table.totals[SCHEDULED] == 0:
            return False
        q = find_colleague(case, table, p, pick_day(case, table, p), case.none)
        if q < 0:
            return False
    else:
        q = below(table, case.patients)
    if p == q or table.place[q, DAY] < 0 or case.person[p, LAST] < case.person[p, RELEASE]:
        return False
    q_d, q_r, q_t = table.place[q, DAY], table.place[q, ROOM], table.place[q, THEATER]
    if table.place[p, DAY] < 0:  # p comes instead of q, perhaps on another day
        d = q_d
        if int(2 * uniform(table)) == 0 or not case.person[p, RELEASE] <= d <= case.person[p, LAST]:
            d = pick_day(case, table, p)
        if not room_fits(case, table, p, d, q_r, q):
            return False
        t = q_t
        if d != q_d or not theater_fits(case, table, p, d, t, q) or not surgeon_fits(case, table, p, d, q):
            t = pick_theater(case, table, p, d, q)
        if t < 0:
            return False
        return exchange(case, table, past, penalty, p, (d, q_r, t), q, (case.none, case.none, case.none), most)
    p_d, p_r, p_t = table.place[p, DAY], table.place[p, ROOM], table.place[p, THEATER]
    kind = int(3 * uniform(table))
    if kind == 0:
        if p_r == q_r or not room_fits(case, table, p, p_d, q_r, q) or not room_fits(case, table, q, q_d, p_r, p):
            return False
        return exchange(case, table, past, penalty, p, (p_d, q_r, p_t), q, (q_d, p_r, q_t), most)
    if not (
        case.person[p, RELEASE] <= q_d <= case.person[p, LAST]
        and case.person[q, RELEASE] <= p_d <= case.person[q, LAST]
    ):
        return False
    p_to, q_to = (q_r, p_r) if kind == 1 else (p_r, q_r)
    if not room_fits(case, table, p, q_d, p_to, q) or not room_fits(case, table, q, p_d, q_to, p):
        return False
    if not surgeon_fits(case, table, p, q_d, q) or not theater_fits(case, table, p, q_d, q_t, q):
        return False
    if not surgeon_fits(case, table, q, p_d, p) or not theater_fits(case, table, q, p_d, p_t, p):
        return False
    return exchange(case, table, past, penalty, p, (q_d, p_to, q_t), q, (p_d, q_to, p_t), most)


@part
def try_force(case: Case, table: Timetable, past: Past, penalty: int, undo: Ints, most: float) -> bool:
    """Admit somebody who waits, on any day in any room; up to four who are in the way go elsewhere, or wait instead."""
    waiting = case.patients - table.totals[SCHEDULED]
    if waiting == 0:
        return False
    p = table.order[LISTED, table.totals[SCHEDULED] + below(table, waiting)]
    for _ in range(8 if table.totals[MISSING] > 0 else 0):  # those who must come go first
        if case.person[p, MANDATORY] == 1:
            break
        p = table.order[LISTED, table.totals[SCHEDULED] + below(table, waiting)]
    if case.person[p, LAST] < case.person[p, RELEASE] or case.person[p, CHOICES] == 0:
        return False
    d = pick_day(case, table, p)
    r = case.rooms[p, below(table, case.person[p, CHOICES]), CHOICE]
    t = pick_theater(case, table, p, d, case.none)
    if t < 0:
        t = below(table, case.theaters.shape[0])
    delta = -waiting_cost(case, past, penalty, p)
    count, spared = 0, 0
    while True:
        q = case.none
        if not room_fits(case, table, p, d, r, case.none):
            q = find_blocker(case, table, p, d, r)
        elif not surgeon_fits(case, table, p, d, case.none):
            q = find_colleague(case, table, p, d, case.none)
        elif not theater_fits(case, table, p, d, t, case.none):
            q = find_colleague(case, table, p, d, t)
        else:
            delta += adding_cost(case, table, past, p, d, r, t, most - delta + spared)
            break
        if q < 0 or count == 4:
            delta = NEVER
            break
        undo[count, 0] = q
        for i in range(3):
            undo[count, 1 + i] = table.place[q, i]
        count += 1
        delta += remove(case, table, past, q) + waiting_cost(case, past, penalty, q)
        spared += waiting_cost(case, past, penalty, q)
    if delta - spared <= most:
        add(case, table, past, p, d, r, t)
        for i in range(count):
            delta += resettle(case, table, past, penalty, undo[i, 0])
        if delta <= most:
            enlist(case, table, p, d >= 0)
            delta += penalty * case.person[p, MANDATORY]
            for i in range(count):
                if table.place[undo[i, 0], DAY] < 0:
                    enlist(case, table, undo[i, 0], d < 0)
                    delta -= penalty * case.person[undo[i, 0], MANDATORY]
            table.totals[COST] += delta
            return True
        remove(case, table, past, p)
        for i in range(count):
            if table.place[undo[i, 0], DAY] >= 0:
                remove(case, table, past, undo[i, 0])
    for i in range(count - 1, -1, -1):
        add(case, table, past, undo[i, 0], undo[i, 1], undo[i, 2], undo[i, 3])
    return False


@part
def resettle(case: Case, table: Timetable, past: Past, penalty: int, q: int) -> int:
    """Find another place for somebody who had to go, in a few tries; what that changes, 0 where they have to wait."""
    waiting = waiting_cost(case, past, penalty, q)
    for _ in range(_TRIES):
        d = pick_day(case, table, q)
        r = case.rooms[q, below(table, case.person[q, CHOICES]), CHOICE]
        if not room_fits(case, table, q, d, r, case.none):
            continue
        t = pick_theater(case, table, q, d, case.none)
        if t >= 0:
            extra = adding_cost(case, table, past, q, d, r, t, 1.0 * waiting)
            if extra < waiting:
                add(case, table, past, q, d, r, t)
                return int(extra - waiting)
    return 0


@part
def find_colleague(case: Case, table: Timetable, p: int, d: int, t: int) -> int:
    """Somebody who is operated on that day in theatre `t`, or by the surgeon of `p` where `t` is -1; -1 for nobody."""
    scheduled = table.totals[SCHEDULED]
    start = below(table, scheduled)
    for i in range(scheduled):
        q = table.order[LISTED, (start + i) % scheduled]
        if table.place[q, DAY] == d:
            if t < 0 and case.person[q, SURGEON] == case.person[p, SURGEON]:
                return int(q)
            if t >= 0 and table.place[q, THEATER] == t:
                return int(q)
    return -1
