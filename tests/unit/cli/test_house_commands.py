import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

Salus = Callable[..., Any]


def _write_dicom(path: Path) -> None:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = SecondaryCaptureImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = generate_uid(entropy_srcs=[path.name])
    dataset.PatientName, dataset.PatientID, dataset.Modality = "Nightingale^Florence", "4711", "OT"
    dataset.Rows = dataset.Columns = 4
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.PixelData = np.arange(16, dtype=np.uint8).tobytes()
    dataset.save_as(path, enforce_file_format=True)


def test_settings_say_their_value_and_where_it_came_from(salus: Salus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALUS_SERVING__MAX_BATCH", "16")
    assert "SALUS_SERVING__MAX_BATCH" in salus("settings").out
    values = json.loads(salus("settings", "--json").out)
    assert values["serving.max_batch"] == {"value": 16, "from": "SALUS_SERVING__MAX_BATCH"}
    assert values["serving.max_queue"]["from"] == "default"
    monkeypatch.setenv("SALUS_SERVING__MAX_BATHC", "16")
    refused = salus("settings")
    assert refused.code == 2
    assert "max_bathc" in refused.err


def test_the_doctor_looks_at_everything_and_ends_with_1_where_something_is_broken(salus: Salus, home: Path) -> None:
    whole = salus("doctor")
    assert whole.code == 0
    assert "ok       registry: 0 packages in SQLite" in whole.out
    assert "missing  data pneumoniamnist" in whole.out
    (home / "keys" / "signing.key").chmod(0o644)
    found = salus("doctor", "--json")
    assert found.code == 1
    broken = [finding for finding in json.loads(found.out) if finding["state"] == "broken"]
    assert [finding["part"] for finding in broken] == ["signing key"]
    assert "chmod 600" in broken[0]["remedy"]


def test_data_sets_are_listed_and_described(salus: Salus) -> None:
    assert "wisconsin" in salus("data", "list").out
    listed = {entry["name"]: entry for entry in json.loads(salus("data", "list", "--json").out)}
    assert listed["phantom"]["copy"] == "always there"
    assert listed["covid-ct"]["copy"] == ""
    assert "citation" in salus("data", "describe", "covid-ct").out
    assert json.loads(salus("data", "describe", "covid-ct", "--json").out)["licence"] == "UNCLEAR"
    assert salus("data", "describe", "nothing").code == 16


def test_what_cannot_be_fetched_says_why(salus: Salus) -> None:
    assert salus("data", "fetch", "nothing").code == 16
    assert salus("data", "fetch", "phantom").code == 2
    offline = salus("data", "fetch", "pneumoniamnist")
    assert offline.code == 14
    assert "network" in offline.err


def test_a_copy_that_is_at_hand_is_not_fetched_again(
    salus: Salus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "copies" / "pneumoniamnist"
    folder.mkdir(parents=True)
    (folder / "pneumoniamnist.npz").write_bytes(b"a copy, not looked into here")
    monkeypatch.setenv("SALUS_DATA_DIR", str(tmp_path / "copies"))
    assert str(folder) in salus("data", "fetch", "pneumoniamnist").out
    assert json.loads(salus("data", "fetch", "pneumoniamnist", "--json").out)["folder"] == str(folder)


def test_data_check_writes_the_report(salus: Salus) -> None:
    shown = salus("data", "check", "breast_cancer")
    assert shown.code == 0
    assert shown.out.startswith("wisconsin: train 3")


def test_dicom_files_lose_the_person_and_keep_one_pseudonym(salus: Salus, tmp_path: Path) -> None:
    (tmp_path / "in" / "b").mkdir(parents=True)
    _write_dicom(tmp_path / "in" / "a.dcm")
    _write_dicom(tmp_path / "in" / "b" / "c.dcm")
    done = json.loads(salus("data", "deidentify", "in", "out", "--json").out)
    assert [each["file"] for each in done] == ["a.dcm", "b/c.dcm"]
    for each in done:
        content = (tmp_path / "out" / each["written"]).read_bytes()
        assert b"Nightingale" not in content
        assert b"4711" not in content
    assert done[0]["written"] in salus("data", "deidentify", "in/a.dcm", "out").out


def test_a_file_that_is_no_dicom_is_named(salus: Salus, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "notes.txt").write_text("not DICOM")
    refused = salus("data", "deidentify", "in", "out")
    assert refused.code == 2
    assert "in notes.txt" in refused.err
    assert salus("data", "deidentify", "absent", "out").code == 2


def test_a_new_pack_is_written_once(salus: Salus, tmp_path: Path) -> None:
    assert "pip install -e" in salus("new", "pack", "gait_speed").out
    assert (tmp_path / "salus-gait-speed" / "pyproject.toml").is_file()
    assert salus("new", "pack", "gait_speed").code == 17
    assert salus("new", "pack", "Gait Speed").code == 2
    written = json.loads(salus("new", "pack", "gait_speed", "--folder", "packs", "--json").out)
    assert written["folder"].endswith("salus-gait-speed")
