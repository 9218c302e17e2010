from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from salus.contracts.errors import InvalidInput
from salus.planning.ihtc.generation import make_instance
from salus.standards.ihtc2024 import (
    check_solution,
    read_instance,
    read_solution,
    write_instance,
    write_solution,
)

Document = dict[str, Any]


def _document() -> Document:
    document: Document = json.loads(write_instance(make_instance(1)))
    return document


def _spoil(change: Callable[[Document], object]) -> str:
    document = _document()
    change(document)
    return json.dumps(document)


@pytest.mark.parametrize("seed", range(5))
def test_an_instance_survives_being_written_and_read(seed: int) -> None:
    instance = make_instance(seed)
    assert read_instance(write_instance(instance)) == instance


@pytest.mark.data("ihtc2024")
def test_the_competitions_documents_come_out_as_they_went_in(data_dir: Path) -> None:
    with zipfile.ZipFile(data_dir / "instances_test01_10_with_solutions.zip") as archive:
        for name in archive.namelist():
            text = archive.read(name).decode()
            written = (
                write_solution(read_solution(text)) if name.startswith("sol_") else write_instance(read_instance(text))
            )
            assert json.loads(written) == json.loads(text), name


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.pop("rooms"),
        lambda document: document.update(days=0),
        lambda document: document["patients"][0].update(gender="C"),
        lambda document: document["patients"][0].update(surgeon_id="nobody"),
        lambda document: document["patients"][0].update(age_group="unheard of"),
        lambda document: document["patients"][0].pop("surgery_due_day"),
        lambda document: document["patients"][0]["workload_produced"].pop(),
        lambda document: document["patients"][0].update(length_of_stay=0),
        lambda document: document["patients"][0].update(surgery_duration=-1),
        lambda document: document["patients"][0].update(id="p1"),
        lambda document: document["patients"][0].update(incompatible_room_ids=["nowhere"]),
        lambda document: document["occupants"][0].update(room_id="nowhere"),
        lambda document: document["occupants"][0]["skill_level_required"].__setitem__(0, 9),
        lambda document: document["surgeons"][0]["max_surgery_time"].pop(),
        lambda document: document["operating_theaters"][0]["availability"].append(1),
        lambda document: document["rooms"][0].update(capacity=-1),
        lambda document: document["nurses"][0].update(skill_level=3),
        lambda document: document["nurses"][0]["working_shifts"][0].update(day=7),
        lambda document: document["nurses"][0]["working_shifts"][0].update(shift="noon"),
        lambda document: document["nurses"][0]["working_shifts"][0].update(max_load=-1),
        lambda document: document["weights"].update(patient_delay=-1),
    ],
)
def test_an_instance_that_contradicts_itself_is_refused(change: Callable[[Document], object]) -> None:
    with pytest.raises(InvalidInput):
        read_instance(_spoil(change))


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '"instance"', "null"])
def test_what_is_no_instance_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_instance(text)


def test_a_refusal_holds_no_value_of_the_document() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_instance(_spoil(lambda document: document["patients"][0].update(gender="secret")))
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("patients", "nurses"),
    [
        ([{"id": "unheard", "admission_day": "none"}], []),
        ([{"id": "p0", "admission_day": "none"}, {"id": "p0", "admission_day": "none"}], []),
        ([{"id": "p0", "admission_day": 0}], []),
        ([{"id": "p0", "admission_day": 7, "room": "r0", "operating_theater": "t0"}], []),
        ([{"id": "p0", "admission_day": 0, "room": "nowhere", "operating_theater": "t0"}], []),
        ([], [{"id": "nobody", "assignments": []}]),
        ([], [{"id": "n0", "assignments": [{"day": 0, "shift": "noon", "rooms": []}]}]),
        ([], [{"id": "n0", "assignments": [{"day": 0, "shift": "early", "rooms": ["nowhere"]}]}]),
        ([], [{"id": "n0", "assignments": [{"day": 0, "shift": "early", "rooms": ["r0", "r0"]}]}]),
    ],
)
def test_a_solution_that_speaks_of_something_else_is_refused(patients: list[Document], nurses: list[Document]) -> None:
    solution = read_solution(json.dumps({"patients": patients, "nurses": nurses}))
    with pytest.raises(InvalidInput):
        check_solution(solution, make_instance(1))


def test_a_patient_left_out_needs_no_room() -> None:
    text = '{"patients": [{"id": "p1", "admission_day": "none"}], "nurses": []}'
    check_solution(read_solution(text), make_instance(1))
