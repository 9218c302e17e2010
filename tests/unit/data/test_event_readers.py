"""Records and tables of observations become samples; what is not believable is left out, what is malformed refused."""

from __future__ import annotations

import tarfile
from pathlib import Path

import numpy as np
import pytest

from salus.contracts.batches import rectangular_parts
from salus.contracts.errors import InvalidInput
from salus.contracts.tensors import TensorSpec
from salus.data.readers.events import events_array, list_record_texts, read_event_tables, read_record
from salus.data.sets.physionet2012 import is_challenge_folder, read_challenge_folder
from salus.data.sets.physionet2012_inputs import INPUTS, VARIABLES
from salus_packs.icu_risk.task import CLASSES

EVENTS: TensorSpec = INPUTS[-1]
NAMES = [variable.name for variable in VARIABLES]
RECORD = """Time,Parameter,Value
00:00,RecordID,132539
00:00,Age,54
00:00,Gender,0
00:00,Height,-1
00:00,ICUType,4
00:00,Weight,81.5
00:07,GCS,15
00:07,HR,73
00:07,pH,735
01:30,HR,0
26:15,Weight,80
48:00,HR,86
03:00,,7
"""
OTHER = RECORD.replace("132539", "132540").replace("Gender,0", "Gender,1").replace("HR,73", "HR,101")
OUTCOMES = "RecordID,SAPS-I,SOFA,Length_of_stay,Survival,In-hospital_death\n132539,6,1,5,-1,0\n132540,16,8,8,3,1\n"


def _folder(tmp_path: Path) -> Path:
    (tmp_path / "Outcomes-b.txt").write_text(OUTCOMES)
    (tmp_path / "set-b").mkdir()
    (tmp_path / "set-b" / "132539.txt").write_text(RECORD)
    (tmp_path / "set-b" / "132540.txt").write_text(OTHER)
    return tmp_path


def test_a_folder_of_the_challenge_is_read_with_missing_descriptors_and_without_artefacts(tmp_path: Path) -> None:
    split = read_challenge_folder(_folder(tmp_path))
    assert split.sample_ids.tolist() == ["132539", "132540"]
    assert split.labels.tolist() == [0, 1]
    assert split.inputs["sex"].tolist() == [0.0, 1.0]
    assert split.inputs["icu_type"].tolist() == [3.0, 3.0]
    assert np.isnan(split.inputs["height"]).all()
    rows = split.inputs["events"][0]
    assert rows.dtype == np.float32
    told = [(round(float(t), 3), NAMES[int(c)], float(x)) for t, c, x in rows]
    assert told == [(0.117, "GCS", 15.0), (0.117, "HR", 73.0), (26.25, "Weight", 80.0), (48.0, "HR", 86.0)]
    assert split.groups["sex"].tolist() == ["female", "male"]
    assert split.groups["age_band"].tolist() == ["under_65"] * 2
    assert split.groups["icu_type"].tolist() == ["surgical"] * 2


def test_a_packed_set_reads_as_an_unpacked_one(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "packed").mkdir()
    folder, packed = _folder(tmp_path / "open"), tmp_path / "packed"
    (packed / "Outcomes-b.txt").write_text(OUTCOMES)
    with tarfile.open(packed / "set-b.tar.xz", "w:xz") as archive:
        archive.add(folder / "set-b", "set-b")
    first, second = read_challenge_folder(folder), read_challenge_folder(packed)
    assert first.sample_ids.tolist() == second.sample_ids.tolist()
    for one, other in zip(first.inputs["events"], second.inputs["events"], strict=True):
        assert np.array_equal(one, other)


def test_a_record_without_an_outcome_is_refused(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    (folder / "set-b" / "132541.txt").write_text(RECORD)
    with pytest.raises(InvalidInput, match="3 records and 2 outcomes"):
        read_challenge_folder(folder)
    assert is_challenge_folder(folder)
    assert not is_challenge_folder(folder / "set-b")


@pytest.mark.parametrize("text", ["a,b,c\n", "Time,Parameter,Value\n00:00,HR\n", "Time,Parameter,Value\n1,HR,80\n"])
def test_another_form_of_record_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_record(text, name="1", descriptors=frozenset())


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "set-b.tar.xz"
    path.write_bytes(b"no archive")
    with pytest.raises(InvalidInput, match="tar archive"):
        list(list_record_texts(path))


def test_an_unknown_variable_is_refused_and_times_beyond_the_range_are_left_out() -> None:
    hours, values = np.array([1.0, 50.0]), np.array([80.0, 80.0])
    rows, left_out = events_array(hours, ["HR", "HR"], values, EVENTS)
    assert rows.tolist() == [[1.0, float(NAMES.index("HR")), 80.0]]
    assert left_out == 1
    with pytest.raises(InvalidInput, match="1 others"):
        events_array(hours, ["HR", "Mood"], values, EVENTS)


def _tables(tmp_path: Path, events: str) -> Path:
    (tmp_path / "events.csv").write_text(events)
    (tmp_path / "outcomes.csv").write_text(
        "id,label,age,sex,height,weight,icu_type,subject\n"
        "a,survived,60,female,170,,medical ICU,p1\nb,died,71,male,,80,surgical ICU,p1\nc,0,40,1,180,75,0,p2\n"
    )
    return tmp_path


def test_a_persons_own_tables_become_samples(tmp_path: Path) -> None:
    folder = _tables(tmp_path, "id,time,variable,value\nb,2.5,HR,90\na,1,HR,80\na,0.5,Temp,36.9\na,3,HR,9999\n")
    split = read_event_tables(folder, INPUTS, CLASSES)
    assert split.labels.tolist() == [0, 1, 0]
    assert split.subjects.tolist() == ["p1", "p1", "p2"]
    assert [len(rows) for rows in split.inputs["events"]] == [2, 1, 0]
    assert split.inputs["icu_type"].tolist() == [2.0, 3.0, 0.0]
    (_, part), *_ = rectangular_parts(split.inputs, most=8)
    assert part["events"].shape == (3, 64, 3)


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ("id,time,variable,value\nz,1,HR,80\n", "an outcome for each id"),
        ("id,time,variable,value\na,soon,HR,80\n", "'time'"),
        ("id,when,variable,value\na,1,HR,80\n", "a column 'time'"),
        ("id,time,variable,value\na,1,,80\n", "'variable'"),
    ],
)
def test_tables_that_do_not_fit_are_refused(tmp_path: Path, events: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_event_tables(_tables(tmp_path, events), INPUTS, CLASSES)


@pytest.mark.data("physionet2012")
def test_set_a_has_its_published_numbers(data_dir: Path) -> None:
    split = read_challenge_folder(data_dir)
    assert len(split) == 4000
    assert int(split.labels.sum()) == 554
    assert min(len(rows) for rows in split.inputs["events"]) == 0
