"""Reads INRC-II instances and rosters.

The competition's files are texts, one for the scenario, one for the history and one for each week (arXiv:1501.04177,
section 4.1). One document of ours carries them unchanged:

    {"format": "inrc2", "scenario": "SCENARIO = n005w4 …", "history": "HISTORY …", "weeks": ["WEEK_DATA …", …]}
    {"format": "inrc2", "weeks": ["SOLUTION …", …]}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Literal, NoReturn, TypeVar

import msgspec

from salus.contracts.errors import InvalidInput
from salus.standards.inrc2.documents import (
    DAYS,
    Assignment,
    Contract,
    Instance,
    Limits,
    Nurse,
    NurseHistory,
    OffRequest,
    Requirement,
    Roster,
    Scenario,
    ShiftType,
    Week,
)

_REMEDY = "Write the texts as section 4 of arXiv:1501.04177 says, and put them into one JSON document unchanged."
_NONE, _ANY = "None", "Any"
_MOST_WEEKS, _MOST_CELLS = 520, 4_000_000


class InstanceDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The official texts of an instance."""

    format: Literal["inrc2"]
    scenario: str
    history: str
    weeks: tuple[str, ...]


class RosterDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The official texts of a roster, by week."""

    format: Literal["inrc2"]
    weeks: tuple[str, ...]


_Document = TypeVar("_Document", InstanceDocument, RosterDocument)
_Entry = TypeVar("_Entry")


def read_instance(text: str) -> Instance:
    """Read and check an instance.

    Raises:
        InvalidInput: It is no such document, a text of it is not in the format, or they contradict one another.
    """
    document = _decode(text, InstanceDocument, "an inrc2 instance")
    scenario = read_scenario(document.scenario)
    first_week, history = read_history(document.history, scenario)
    if not document.weeks or first_week + len(document.weeks) != scenario.weeks:
        _refuse("the data of every week that is to come", "more or fewer weeks than the scenario has left")
    return Instance(scenario, first_week, history, tuple(read_week(week, scenario) for week in document.weeks))


def read_scenario(text: str) -> Scenario:
    """Read the text of a scenario. Raises InvalidInput."""
    lines = _Lines(text, "scenario")
    name = lines.value("SCENARIO")
    weeks = lines.count("WEEKS")
    skills = lines.entries("SKILLS", lambda words: _exactly(words, 1)[0])
    shifts = lines.entries(
        "SHIFT_TYPES", lambda words: ShiftType(_exactly(words, 2)[0], _read_limits(words[1], "scenario"))
    )
    lines.heading("FORBIDDEN_SHIFT_TYPES_SUCCESSIONS")
    forbidden: list[tuple[str, str]] = []
    for _ in shifts:
        before, *after = _counted(lines.words(), 1)
        forbidden += [(before, name_after) for name_after in after]
    contracts = lines.entries("CONTRACTS", _read_contract)
    nurses = lines.entries("NURSES", _read_nurse)
    lines.end()
    scenario = Scenario(name, weeks, skills, shifts, tuple(forbidden), contracts, nurses)
    _check_scenario(scenario)
    return scenario


def read_history(text: str, scenario: Scenario) -> tuple[int, tuple[NurseHistory, ...]]:
    """Read the text of a history: the weeks that are over, and where each nurse stands. Raises InvalidInput."""
    lines = _Lines(text, "history")
    lines.heading("HISTORY")
    week, name = _exactly(lines.words(), 2)
    _check_known(name, {scenario.name}, "the scenario's name in the history")
    lines.heading("NURSE_HISTORY")
    by_nurse = {}
    shifts = {shift.name for shift in scenario.shift_types}
    for _ in scenario.nurses:
        words = _exactly(lines.words(), 7)
        last = None if words[3] == _NONE else words[3]
        if last is not None:
            _check_known(last, shifts, "a known shift type in the history")
        numbers = [_read_number(word, "history") for word in (words[1], words[2], *words[4:])]
        entry = NurseHistory(words[0], numbers[0], numbers[1], last, numbers[2], numbers[3], numbers[4])
        _check_history(entry)
        by_nurse[entry.nurse] = entry
    lines.end()
    if by_nurse.keys() != {nurse.name for nurse in scenario.nurses}:
        _refuse("a history of every nurse", "others")
    return _read_number(week, "history"), tuple(by_nurse[nurse.name] for nurse in scenario.nurses)


def read_week(text: str, scenario: Scenario) -> Week:
    """Read the text of a week's data. Raises InvalidInput."""
    lines = _Lines(text, "week")
    lines.heading("WEEK_DATA")
    _check_known(_exactly(lines.words(), 1)[0], {scenario.name}, "the scenario's name in the week")
    lines.heading("REQUIREMENTS")
    shifts, skills = {shift.name for shift in scenario.shift_types}, set(scenario.skills)
    nurses = {nurse.name for nurse in scenario.nurses}
    requirements = []
    while not lines.at("SHIFT_OFF_REQUESTS"):
        words = _exactly(lines.words(), 2 + len(DAYS))
        _check_known(words[0], shifts, "a known shift type in the requirements")
        _check_known(words[1], skills, "a known skill in the requirements")
        by_day = tuple(_read_limits(word, "week") for word in words[2:])
        requirements.append(Requirement(words[0], words[1], by_day))
    _check_unique([(entry.shift, entry.skill) for entry in requirements], "requirement")
    requests = lines.entries("SHIFT_OFF_REQUESTS", _read_request)
    lines.end()
    for request in requests:
        _check_known(request.nurse, nurses, "a known nurse in the requests")
        if request.shift is not None:
            _check_known(request.shift, shifts, "a known shift type in the requests")
    return Week(tuple(requirements), requests)


def read_roster(text: str) -> Roster:
    """Read a roster, whatever its instance (see `check_roster`).

    Raises:
        InvalidInput: It is no such document, or a text of it is not in the format.
    """
    assignments: list[Assignment] = []
    first: int | None = None
    for index, week in enumerate(_decode(text, RosterDocument, "an inrc2 solution").weeks):
        lines = _Lines(week, "solution")
        lines.heading("SOLUTION")
        number = _read_number(_exactly(lines.words(), 2)[0], "solution")
        first = number if first is None else first
        if number != first + index:
            _refuse("solutions of weeks in their order", "another order")
        assignments += lines.entries("ASSIGNMENTS", partial(_read_assignment, index))
        lines.notes()
    return Roster(tuple(assignments))


def check_roster(roster: Roster, instance: Instance) -> None:
    """Check that a roster speaks of its instance alone. Raises InvalidInput."""
    scenario = instance.scenario
    nurses, skills = {nurse.name for nurse in scenario.nurses}, set(scenario.skills)
    shifts = {shift.name for shift in scenario.shift_types}
    for assignment in roster.assignments:
        _check_known(assignment.nurse, nurses, "a known nurse in the solution")
        _check_known(assignment.shift, shifts, "a known shift type in the solution")
        _check_known(assignment.skill, skills, "a known skill in the solution")
        if assignment.day >= instance.days:
            _refuse("weeks of the instance alone", "more weeks in the solution")


class _Lines:
    """The lines of a text that hold something, taken one after the other."""

    def __init__(self, text: str, what: str) -> None:
        self._rest = [line.split() for line in text.splitlines() if line.strip()]
        self._what = what
        self._next = 0

    def words(self) -> list[str]:
        if self._next >= len(self._rest):
            _refuse(f"a whole {self._what} text", "an end before everything was said")
        self._next += 1
        return self._rest[self._next - 1]

    def at(self, heading: str) -> bool:
        return self._next >= len(self._rest) or self._rest[self._next][0] == heading

    def heading(self, heading: str) -> None:
        if self.words() != [heading]:
            _refuse(f"{heading} in the {self._what} text", "something else")

    def value(self, heading: str) -> str:
        words = self.words()
        if len(words) != 3 or words[:2] != [heading, "="]:
            _refuse(f"{heading} = … in the {self._what} text", "something else")
        return words[2]

    def count(self, heading: str) -> int:
        return _read_number(self.value(heading), self._what)

    def entries(self, heading: str, read: Callable[[list[str]], _Entry]) -> tuple[_Entry, ...]:
        return tuple(read(self.words()) for _ in range(self.count(heading)))

    def notes(self) -> None:
        """What the program that made a solution says of it, `Cost: 575`, is passed over."""
        while self._next < len(self._rest) and self._rest[self._next][0].endswith(":"):
            self._next += 1
        self.end()

    def end(self) -> None:
        if self._next < len(self._rest):
            _refuse(f"the end of the {self._what} text", "more lines")


def _decode(text: str, kind: type[_Document], what: str) -> _Document:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        # "Invalid enum value 'C' - at `$.format`": what stands in quotation marks came with the document.
        found = re.sub(r" '[^']*'", "", str(error)) if isinstance(error, msgspec.ValidationError) else "no JSON"
        raise InvalidInput(what, found=found, remedy=_REMEDY) from error


def _refuse(expected: str, found: str) -> NoReturn:
    raise InvalidInput(expected, found=found, remedy=_REMEDY)


def _exactly(words: list[str], count: int) -> list[str]:
    if len(words) != count:
        _refuse(f"a line of {count} words", f"one of {len(words)}")
    return words


def _counted(words: list[str], place: int) -> list[str]:
    """The words of a line without the count that stands at `place` and says how many come after it."""
    if len(words) <= place or len(words) - place - 1 != _read_number(words[place], "scenario"):
        _refuse("as many names as the line says", "more or fewer")
    return [*words[:place], *words[place + 1 :]]


def _read_number(word: str, what: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", word):
        _refuse(f"a whole number of 0 or more in the {what} text", "something else")
    return int(word)


def _read_limits(word: str, what: str) -> Limits:
    match = re.fullmatch(r"\(([0-9]{1,6}),([0-9]{1,6})\)", word)
    if match is None or int(match[1]) > int(match[2]):
        _refuse(f"(least,most) in the {what} text", "something else")
    return Limits(int(match[1]), int(match[2]))


def _read_contract(words: list[str]) -> Contract:
    _exactly(words, 6)
    if words[5] not in {"0", "1"}:
        _refuse("0 or 1 for complete weekends", "something else")
    total, working, off = (_read_limits(word, "scenario") for word in words[1:4])
    return Contract(words[0], total, working, off, _read_number(words[4], "scenario"), words[5] == "1")


def _read_nurse(words: list[str]) -> Nurse:
    name, contract, *skills = _counted(words, 2)
    return Nurse(name, contract, tuple(skills))


def _read_request(words: list[str]) -> OffRequest:
    nurse, shift, day = _exactly(words, 3)
    return OffRequest(nurse, None if shift == _ANY else shift, _read_day(day))


def _read_assignment(week: int, words: list[str]) -> Assignment:
    nurse, day, shift, skill = _exactly(words, 4)
    return Assignment(nurse, week * len(DAYS) + _read_day(day), shift, skill)


def _read_day(word: str) -> int:
    if word not in DAYS:
        _refuse("Mon, Tue, Wed, Thu, Fri, Sat or Sun", "something else")
    return DAYS.index(word)


def _check_scenario(scenario: Scenario) -> None:
    shifts = [shift.name for shift in scenario.shift_types]
    contracts = [contract.name for contract in scenario.contracts]
    for names, what in (
        (scenario.skills, "skill"),
        (shifts, "shift type"),
        (contracts, "contract"),
        ([nurse.name for nurse in scenario.nurses], "nurse"),
    ):
        _check_unique(names, what)
    if {_NONE, _ANY} & set(shifts):
        _refuse("shift types by names of their own", f"{_NONE} or {_ANY}")
    for pair in scenario.forbidden:
        for name in pair:
            _check_known(name, set(shifts), "a known shift type in the successions")
    for nurse in scenario.nurses:
        _check_known(nurse.contract, set(contracts), "a known contract of a nurse")
        for skill in nurse.skills:
            _check_known(skill, set(scenario.skills), "a known skill of a nurse")
    cells = scenario.weeks * len(DAYS) * max(len(scenario.nurses), len(shifts) * len(scenario.skills))
    if not 1 <= scenario.weeks <= _MOST_WEEKS or not 1 <= cells <= _MOST_CELLS or not shifts:
        _refuse("weeks, shifts, skills and nurses of a size that can be planned", "none of one of them, or too many")


def _check_history(entry: NurseHistory) -> None:
    worked = entry.last_shift is not None
    run = (entry.consecutive_assignments, entry.consecutive_working_days)
    sound = min(run) > 0 and run[0] <= run[1] if worked else max(run) == 0
    if not sound or (worked and entry.consecutive_days_off > 0):
        _refuse("runs in the history that fit the last shift", "others")


def _check_known(name: str, known: Iterable[str], expected: str) -> None:
    if name not in known:
        _refuse(expected, "another name")


def _check_unique(names: Iterable[object], what: str) -> None:
    seen = list(names)
    if len(set(seen)) != len(seen) or not seen:
        _refuse(f"each {what} once, and at least one", "none, or one of them twice")
