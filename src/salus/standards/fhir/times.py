"""Times as FHIR R4 writes them (https://hl7.org/fhir/R4/datatypes.html#dateTime), and what lies between two of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction

from salus.contracts.errors import InvalidInput
from salus.standards.ucum import convert, find_conversion

_TIME = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"(T(?P<clock>\d\d:\d\d):(?P<second>\d\d)(\.(?P<fraction>\d+))?(?P<zone>Z|[+-]\d\d:\d\d)?)?"
)
_DAY_S = 86_400


@dataclass(frozen=True)
class Moment:
    """When something was.

    Attributes:
        day: The calendar day, where it was.
        instant: With its zone; None where the day alone is known.
    """

    day: date
    instant: datetime | None


def read_moment(text: str, place: str) -> Moment:
    """Read a date or a time.

    Raises:
        InvalidInput: A year or month alone, a time without its zone, or no time at all.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise _unfit(place, "something else")
    try:
        day = date.fromisoformat(found["date"])
        if found["clock"] is None:
            return Moment(day, None)
        if found["zone"] is None:
            raise _unfit(place, "a time without its zone")
        second = int(found["second"])
        # FHIR allows a leap second, which datetime does not
        whole = datetime.fromisoformat(f"{found['date']}T{found['clock']}:{min(second, 59):02d}")
        if second > 60:
            raise _unfit(place, "a second beyond 60")
        micro = int(((found["fraction"] or "") + "000000")[:6])
        whole = whole.replace(tzinfo=_zone(found["zone"]))
        instant = whole + timedelta(seconds=max(0, second - 59), microseconds=micro)
        instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _unfit(place, "a day or a clock time that does not exist") from None
    return Moment(day, instant)


def moment_of(instant: datetime) -> Moment:
    """The moment of a time with its zone.

    Raises:
        InvalidInput: It has none.
    """
    if instant.tzinfo is None:
        raise _unfit("start or end", "a time without its zone")
    return Moment(instant.date(), instant)


def first_moment(moments: Sequence[Moment]) -> Moment:
    """The earliest; where one has no clock time, by the calendar."""
    return min(moments, key=_by_instant if all(moment.instant for moment in moments) else _by_day)


def last_moments(moments: Sequence[Moment]) -> frozenset[Moment]:
    """The latest; several where a day without a clock time stands beside times of that day."""
    if not moments:
        return frozenset()
    if not all(moment.instant for moment in moments):
        day = max(moment.day for moment in moments)
        moments = [moment for moment in moments if moment.day == day]
    latest = max((moment.instant for moment in moments if moment.instant), default=None)
    return frozenset(moment for moment in moments if moment.instant in {None, latest})


def is_before(one: Moment, other: Moment) -> bool:
    """Whether `one` is earlier; where one of them has no clock time, by the calendar."""
    if one.instant is not None and other.instant is not None:
        return one.instant < other.instant
    return one.day < other.day


def elapsed(start: Moment, moment: Moment, unit: str, place: str) -> float:
    """The time from `start` to `moment`, negative where it lies before.

    Where one of the two is a day without a clock time, whole days are counted; a unit shorter than a day is refused.

    Args:
        start: Where the count begins.
        moment: Where it ends.
        unit: UCUM unit of time.
        place: Of `moment` in the document, for the error.

    Raises:
        InvalidInput: The day alone is known, and the unit is shorter than a day.
        UnsupportedInput: The unit is none of time.

    Example:
        >>> elapsed(read_moment("2026-01-31T23:00:00Z", "$"), read_moment("2026-02-01T00:30:00Z", "$"), "h", "$")
        1.5
    """
    if start.instant is not None and moment.instant is not None:
        between = moment.instant - start.instant
        seconds = Fraction(between.days * _DAY_S + between.seconds) + Fraction(between.microseconds, 1_000_000)
        return float(seconds * find_conversion("s", unit).slope)
    if convert(1.0, unit, "s") < _DAY_S:
        raise _unfit(place, "a day without the time of day")
    return convert(float((moment.day - start.day).days), "d", unit)


def completed_years(birth: date, at: Moment) -> int:
    """Age in completed years on the calendar; one born on 29 February completes a year on 1 March."""
    return at.day.year - birth.year - ((at.day.month, at.day.day) < (birth.month, birth.day))


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[4:6])
    if hours > 14 or minutes > 59:
        raise ValueError("no such zone")
    return timezone((1 if text[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes))


def _by_instant(moment: Moment) -> datetime:
    return moment.instant or datetime.combine(moment.day, datetime.min.time(), UTC)


def _by_day(moment: Moment) -> tuple[date, datetime]:
    return moment.day, _by_instant(moment)


def _unfit(place: str, found: str) -> InvalidInput:
    return InvalidInput(
        "a time with its zone (2026-01-31T08:30:00+08:00), or a whole date where days are counted",
        found=f"{found} at {place}",
        remedy="Write the time with the zone in which it was taken.",
    )
