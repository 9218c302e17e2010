"""What an INRC-II document says: the scenario, the history, the weeks, and the roster of each week.

Ceschia, Dang, De Causmaecker, Haspeslagh and Schaerf, "Second International Nurse Rostering Competition (INRC-II):
Problem description and rules", arXiv:1501.04177, sections 2 and 4. Names are the paper's. Days of a week count from 0
(Monday) to 6 (Sunday); a period begins on a Monday.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

FORMAT = "inrc2"
"""The name of the format in `contracts.planning.Planning.formats`."""

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
"""Days of a week, as the format writes them."""


class Limits(NamedTuple):
    """A least and a greatest number, both allowed."""

    least: int
    most: int


class ShiftType(msgspec.Struct, frozen=True):
    """A shift, and how many of it may follow one another for a nurse."""

    name: str
    consecutive: Limits


class Contract(msgspec.Struct, frozen=True):
    """What a nurse has agreed to.

    Attributes:
        name: `FullTime`.
        assignments: In the whole period.
        working_days: Consecutive ones.
        days_off: Consecutive ones.
        working_weekends: At most, in the whole period.
        complete_weekends: Whether Saturday and Sunday are to be both worked or both off.
    """

    name: str
    assignments: Limits
    working_days: Limits
    days_off: Limits
    working_weekends: int
    complete_weekends: bool


class Nurse(msgspec.Struct, frozen=True):
    """A nurse, by the name of the contract and the names of the skills."""

    name: str
    contract: str
    skills: tuple[str, ...]


class Scenario(msgspec.Struct, frozen=True):
    """What all weeks have in common.

    Attributes:
        name: `n030w4`.
        weeks: Length of the whole period.
        skills: Of the nurses, by name.
        shift_types: Shifts of a day.
        forbidden: (before, after): pairs of shift types that may not follow on consecutive days.
        contracts: By which nurses work.
        nurses: Who works.
    """

    name: str
    weeks: int
    skills: tuple[str, ...]
    shift_types: tuple[ShiftType, ...]
    forbidden: tuple[tuple[str, str], ...]
    contracts: tuple[Contract, ...]
    nurses: tuple[Nurse, ...]


class NurseHistory(msgspec.Struct, frozen=True):
    """Where a nurse stands on the evening before the first day.

    Attributes:
        nurse: Name.
        assignments: So far in the period.
        working_weekends: So far in the period.
        last_shift: Of the last day; None if it was off.
        consecutive_assignments: Days of `last_shift` in a row up to then; 0 if the last day was off.
        consecutive_working_days: In a row up to then; 0 if the last day was off.
        consecutive_days_off: In a row up to then; 0 if the last day was worked.
    """

    nurse: str
    assignments: int
    working_weekends: int
    last_shift: str | None
    consecutive_assignments: int
    consecutive_working_days: int
    consecutive_days_off: int


class Requirement(msgspec.Struct, frozen=True):
    """Nurses of a skill that a shift needs: for each day of the week the least and the best number."""

    shift: str
    skill: str
    by_day: tuple[Limits, ...]


class OffRequest(msgspec.Struct, frozen=True):
    """A nurse's wish not to work a shift (None: any) on a day of the week."""

    nurse: str
    shift: str | None
    day: int


class Week(msgspec.Struct, frozen=True):
    """What one week asks for; a shift and skill that is not listed needs nobody."""

    requirements: tuple[Requirement, ...]
    requests: tuple[OffRequest, ...]


class Instance(msgspec.Struct, frozen=True):
    """What is to be planned: the weeks of the scenario from `first_week` on, all at once.

    Attributes:
        scenario: Who, and by which rules.
        first_week: Weeks of the period that are over; 0 at its beginning.
        history: One of each nurse, in the scenario's order.
        weeks: Those that are to come.
    """

    scenario: Scenario
    first_week: int
    history: tuple[NurseHistory, ...]
    weeks: tuple[Week, ...]

    @property
    def days(self) -> int:
        """Days that are to be planned."""
        return len(self.weeks) * len(DAYS)

    def list_requirements(self) -> Iterator[tuple[int, str, str, Limits]]:
        """(day, shift, skill, least and best number) of everything that the weeks require, by day planned."""
        for index, week in enumerate(self.weeks):
            for requirement in week.requirements:
                for day, limits in enumerate(requirement.by_day):
                    yield index * len(DAYS) + day, requirement.shift, requirement.skill, limits

    def list_requests(self) -> Iterator[tuple[int, OffRequest]]:
        """(day planned, request) of every request."""
        for index, week in enumerate(self.weeks):
            for request in week.requests:
                yield index * len(DAYS) + request.day, request


class Assignment(msgspec.Struct, frozen=True):
    """A nurse who works a shift with a skill on a day, counted from the first day that is planned."""

    nurse: str
    day: int
    shift: str
    skill: str


class Roster(msgspec.Struct, frozen=True):
    """A plan: assignments by nurse and day. Nothing keeps a nurse from two shifts a day but the evaluation."""

    assignments: tuple[Assignment, ...]
