import json
from pathlib import Path

import numpy as np
import pytest

from salus.contracts.errors import InvalidInput
from salus.testing.kinds import make_kind_task
from salus.workflows.given_inputs import read_given_inputs
from salus.workflows.sample_files import FileSamples, list_samples, read_samples

_STAYS, _PEOPLE, _PLANS = make_kind_task("events"), make_kind_task("regression"), make_kind_task("planning")
_LONG = "id,time,variable,value\np2,7,HR,60\np1,0.5,HR,120\np2,8,Lactate,4\np1,1,HR,140\n"


def _events(folder: Path, text: str, **beside: str) -> FileSamples:
    (folder / "events.csv").write_text(text)
    for name, content in beside.items():
        (folder / f"{name}.csv").write_text(content)
    return read_samples(folder / "events.csv", _STAYS)


def test_a_long_table_holds_a_sample_an_id_in_the_order_of_first_appearance(tmp_path: Path) -> None:
    samples = _events(tmp_path, _LONG, scalars="id,age\np1,50\np2,61\n")
    assert samples.names == ("p2", "p1")
    assert samples.inputs["age"].tolist() == [61, 50]
    assert samples.inputs["observations"][0].tolist() == [[7, 0, 60], [8, 1, 4]]
    assert samples.inputs["observations"][1].tolist() == [[0.5, 0, 120], [1, 0, 140]]
    assert samples.notes == ((), ())


def test_scalars_may_stand_in_the_long_table_or_with_the_outcomes(tmp_path: Path) -> None:
    inside = _events(tmp_path, "time [h],variable,value,age\n1,HR,60,50\n2,HR,70,50\n")
    assert inside.names == ("1",)
    assert inside.inputs["age"].tolist() == [50]
    outcomes = _events(tmp_path, _LONG, outcomes="id,label,age\np1,1,50\np2,0,61\n")
    assert outcomes.inputs["age"].tolist() == [61, 50]


def test_artefacts_are_left_out_as_in_training_and_that_is_told(tmp_path: Path) -> None:
    samples = _events(tmp_path, _LONG + "p1,2,HR,999\n", scalars="id,age\np1,50\np2,61\n")
    assert len(samples.inputs["observations"][1]) == 2
    assert samples.notes[0] == ()
    assert "1 observations" in samples.notes[1][0].en


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (_LONG, "'age'"),
        ("id,time,value,age\np,1,2,3\n", "'variable'"),
        ("id,time,variable,value,age\np,1,Temp,37,50\n", "variables"),
        ("id,time [min],variable,value,age\np,1,HR,37,50\n", "unit"),
        ("id,time,variable,value,age\n,1,HR,37,50\n", "'id'"),
    ],
)
def test_a_long_table_of_another_form_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        _events(tmp_path, text)


def test_an_id_without_its_scalars_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="1 ids without one"):
        _events(tmp_path, _LONG, scalars="id,age\np1,50\n")


def test_a_bundle_is_one_sample(tmp_path: Path) -> None:
    resource = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "30525-0"}]},
        "subject": {"reference": "Patient/1"},
        "effectiveDateTime": "2026-11-20T08:00:00+08:00",
        "valueQuantity": {"value": 61, "unit": "a", "system": "http://unitsofmeasure.org", "code": "a"},
    }
    (tmp_path / "a.json").write_text(json.dumps(resource))
    samples = read_samples(tmp_path / "a.json", _PEOPLE)
    assert samples.inputs["age"].tolist() == [61]
    assert samples.names == ()


def test_an_instance_is_taken_unchanged_with_what_was_said_beside_it(tmp_path: Path) -> None:
    (tmp_path / "i01.json").write_bytes(b'{"days":  7}')
    (tmp_path / "before.json").write_bytes(b"{}")
    words = ["time_limit_s=60", f"previous=@{tmp_path / 'before.json'}"]
    given = read_given_inputs(words, _PLANS.signature)
    inputs = read_samples(tmp_path / "i01.json", _PLANS, given).inputs
    assert inputs["instance"].tolist() == [b'{"days":  7}']
    assert inputs["previous"].tolist() == [b"{}"]
    assert (inputs["time_limit_s"].tolist(), inputs["seed"].tolist()) == ([60.0], [0])
    plain = read_samples(tmp_path / "i01.json", _PLANS).inputs
    assert (plain["previous"].tolist(), plain["time_limit_s"].tolist()) == ([b""], [5.0])
    assert plain["time_limit_s"].dtype == np.float32


@pytest.mark.parametrize(
    ("word", "said"),
    [("time_limit_s", "NAME=VALUE"), ("speed=3", "'speed'"), ("seed=1.5", "INT64"), ("previous=@absent", "cannot")],
)
def test_words_that_are_no_input_are_refused(word: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read_given_inputs([word], _PLANS.signature)


def test_inputs_beside_a_table_are_refused(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("age\n50\n")
    given = read_given_inputs(["age=3"], _PEOPLE.signature)
    with pytest.raises(InvalidInput, match="in the file"):
        read_samples(tmp_path / "rows.csv", _PEOPLE, given)


def test_a_folder_gives_what_its_task_can_take(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text(_LONG)
    (tmp_path / "scalars.csv").write_text("id,age\n")
    (tmp_path / "stay.json").write_text('{"resourceType": "Bundle"}')
    (tmp_path / "i01.json").write_text("{}")
    assert set(list_samples(tmp_path, _STAYS)) == {"events.csv", "stay.json"}
    assert set(list_samples(tmp_path, _PLANS)) == {"stay.json", "i01.json"}
    assert set(list_samples(tmp_path, _PEOPLE)) == {"events.csv", "scalars.csv", "stay.json"}


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("age\n50\n")
    (tmp_path / "plain.json").write_text("{}")
    for file, task in (("rows.csv", _PLANS), ("plain.json", _PEOPLE)):
        with pytest.raises(InvalidInput, match=task.name):
            read_samples(tmp_path / file, task)
