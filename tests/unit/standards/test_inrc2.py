from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from salus.contracts.errors import InvalidInput
from salus.contracts.packs import DataRequest
from salus.contracts.progress import Silence
from salus.data.sets.inrc2 import read_instances, read_references
from salus.planning.inrc2.generation import make_instance
from salus.standards.inrc2.documents import Assignment, Roster
from salus.standards.inrc2.reading import check_roster, read_instance, read_roster, read_scenario
from salus.standards.inrc2.writing import write_instance, write_roster, write_scenario, write_week

_NOTES = ("Viol:", "Cost:", "Time:")
"""How lines begin that one of the competition's solutions ends with."""


def _spoil(before: str, after: str) -> str:
    text = write_instance(make_instance(1))
    assert before in text
    return text.replace(before, after, 1)


@pytest.mark.parametrize("seed", range(5))
def test_an_instance_survives_being_written_and_read(seed: int) -> None:
    instance = make_instance(seed, weeks=3)
    assert read_instance(write_instance(instance)) == instance


def test_a_roster_survives_being_written_and_read() -> None:
    instance = make_instance(1)
    roster = Roster(
        (
            Assignment("N0", 0, "Early", "Nurse"),
            Assignment("N0", 13, "Night", "Nurse"),
            Assignment("N2", 7, "Late", "Nurse"),
        )
    )
    text = write_roster(roster, instance)
    assert set(read_roster(text).assignments) == set(roster.assignments)
    assert write_roster(read_roster(text), instance) == text
    assert json.loads(text)["weeks"][0].startswith("SOLUTION\n0 ward1\n\nASSIGNMENTS = 1\nN0 Mon Early Nurse\n")


def test_weeks_that_are_over_are_not_planned_again() -> None:
    instance = make_instance(2, weeks=3)
    rest = msgspec.structs.replace(instance, first_week=1, weeks=instance.weeks[1:])
    assert read_instance(write_instance(rest)) == rest
    text = write_roster(Roster(()), rest)
    assert [week.splitlines()[1] for week in json.loads(text)["weeks"]] == ["1 ward2", "2 ward2"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"inrc2"', '"ihtc2024"'),
        ("SCENARIO = ward1", "SCENARIO ward1"),
        ("WEEKS = 2", "WEEKS = 3"),
        ("WEEKS = 2", "WEEKS = two"),
        ("SKILLS = 2", "SKILLS = 1"),
        ("Early (2,5)", "Early (5,2)"),
        ("Early (2,5)", "Any (2,5)"),
        ("Late 1 Early", "Late 2 Early"),
        ("Late 1 Early", "Late 1 Noon"),
        ("NURSES = 8", "NURSES = 9"),
        ("N1 ", "N0 "),
        ("0 ward1", "0 ward2"),
        ("Early HeadNurse", "Noon HeadNurse"),
        ("Early Nurse", "Early HeadNurse"),
        ("SHIFT_OFF_REQUESTS", "SHIFT_ON_REQUESTS"),
        ("NURSE_HISTORY", "NURSES"),
    ],
)
def test_an_instance_that_contradicts_itself_is_refused(before: str, after: str) -> None:
    with pytest.raises(InvalidInput):
        read_instance(_spoil(before, after))


def test_what_is_no_document_is_refused() -> None:
    for text in ("", "[]", "{}", '{"format": "inrc2", "weeks": [1]}', "\ud800"):
        with pytest.raises(InvalidInput):
            read_instance(text)
        with pytest.raises(InvalidInput):
            read_roster(text)


def test_an_error_holds_no_name_of_a_nurse() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_instance(_spoil("N1 ", "Alma "))
    assert "Alma" not in str(caught.value)


def test_a_roster_of_another_ward_is_refused() -> None:
    instance = make_instance(1)
    for entry in (
        Assignment("Alma", 0, "Early", "Nurse"),
        Assignment("N0", 14, "Early", "Nurse"),
        Assignment("N0", 0, "Noon", "Nurse"),
        Assignment("N0", 0, "Early", "Surgeon"),
    ):
        with pytest.raises(InvalidInput):
            check_roster(Roster((entry,)), instance)


def test_a_roster_whose_weeks_are_out_of_order_is_refused() -> None:
    weeks = json.loads(write_roster(Roster(()), make_instance(1)))["weeks"]
    with pytest.raises(InvalidInput):
        read_roster(json.dumps({"format": "inrc2", "weeks": weeks[::-1]}))


def _request(folder: Path) -> DataRequest:
    return DataRequest(data_dirs=(folder.parent,), cache_dir=folder, offline=True, progress=Silence())


@pytest.mark.data("inrc2")
def test_the_competitions_files_are_read_and_written_as_they_are(data_dir: Path) -> None:
    instances = read_instances(_request(data_dir))
    assert len(instances) == 28
    for document, best in instances.values():
        assert best is not None
        texts: dict[str, Any] = json.loads(document)
        instance = read_instance(document)
        assert _words(write_scenario(read_scenario(texts["scenario"]))) == _words(texts["scenario"])
        for week, text in zip(instance.weeks, texts["weeks"], strict=True):
            assert _words(write_week(instance.scenario, week)) == _words(text)


@pytest.mark.data("inrc2")
def test_the_rosters_of_the_test_instances_are_read_and_written_as_they_are(data_dir: Path) -> None:
    references = read_references(_request(data_dir))
    assert len(references) == 9
    for document, solution in references.values():
        instance, roster = read_instance(document), read_roster(solution)
        check_roster(roster, instance)
        written = json.loads(write_roster(roster, instance))["weeks"]
        for ours, theirs in zip(written, json.loads(solution)["weeks"], strict=True):
            lines = [line.strip() for line in theirs.splitlines() if not line.startswith(_NOTES)]
            assert sorted(filter(None, ours.splitlines())) == sorted(filter(None, lines))


def _words(text: str) -> list[str]:
    return text.split()
