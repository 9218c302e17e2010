from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from salus.data.readers.dicom_folder import read_series, read_series_pictures


def slice_file(path: Path, series: str, level: int, place_mm: float | None, number: int | None = None) -> None:
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, f"{series}.{level}"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.3", series
    dataset.Modality, dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = "CT", 2, 2, 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    dataset.PixelData = np.full((2, 2), level, np.uint8).tobytes()
    dataset["PixelData"].VR = "OB"
    if place_mm is not None:
        dataset.ImagePositionPatient = [0, 0, place_mm]
        dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    if number is not None:
        dataset.InstanceNumber = number
    meta = FileMetaDataset()
    meta.TransferSyntaxUID, meta.MediaStorageSOPClassUID = ExplicitVRLittleEndian, CTImageStorage
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    path.parent.mkdir(parents=True, exist_ok=True)
    FileDataset("", dataset, file_meta=meta, preamble=bytes(128)).save_as(path, enforce_file_format=True)


def levels(paths_or_pictures: tuple[object, ...]) -> list[int]:
    return [int(picture.pixels[0, 0, 0]) for picture in paths_or_pictures]  # type: ignore[attr-defined]  # Picture


def test_series_are_grouped_and_sorted_in_space(tmp_path: Path) -> None:
    for level, place in ((10, 5.0), (20, -5.0), (30, 0.0)):
        slice_file(tmp_path / f"a{level}.dcm", "1.2.3.1", level, place)
    slice_file(tmp_path / "deep" / "b.dcm", "1.2.3.2", 99, 1.0)
    (tmp_path / "readme.txt").write_text("no image")

    series, others = read_series(tmp_path)

    assert [s.uid for s in series] == ["1.2.3.1", "1.2.3.2"]
    assert levels(read_series_pictures(series[0])) == [20, 30, 10]
    assert series[0].spacing_mm == (5.0, 5.0)
    assert series[1].spacing_mm is None
    assert (series[0].study_uid, series[0].modality) == ("1.2.3", "CT")
    assert [path.name for path in others] == ["readme.txt"]


def test_a_gap_in_a_series_shows(tmp_path: Path) -> None:
    for level, place in ((10, 0.0), (20, 5.0), (30, 15.0)):
        slice_file(tmp_path / f"{level}.dcm", "1.2.3.1", level, place)

    assert read_series(tmp_path)[0][0].spacing_mm == (10.0, 5.0)


def test_without_positions_the_instance_number_decides(tmp_path: Path) -> None:
    for level, number in ((10, 3), (20, 1), (30, 2)):
        slice_file(tmp_path / f"{level}.dcm", "1.2.3.1", level, None, number)

    series = read_series(tmp_path)[0][0]

    assert levels(read_series_pictures(series)) == [20, 30, 10]
    assert series.spacing_mm is None


@pytest.mark.data("dicom-ct-chest")
def test_a_real_chest_series_is_whole_and_evenly_spaced(data_dir: Path) -> None:
    series, _ = read_series(data_dir / "lung-pet-ct-dx_A0002_B40f")

    assert len(series) == 1
    assert len(series[0].paths) == 30
    assert series[0].spacing_mm == pytest.approx((8.0, 8.0))
