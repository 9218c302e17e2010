"""Folders of DICOM files: grouped into series, in the order of space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from salus.contracts.errors import InvalidInput, UnsupportedInput
from salus.standards.dicom.pixels import read_display_image
from salus.standards.dicom.reading import read_header, tolerant_reading
from salus.standards.picture import Picture

if TYPE_CHECKING:
    from pydicom import Dataset


@dataclass(frozen=True)
class Series:
    """The images of one series.

    Attributes:
        uid: Series Instance UID.
        study_uid: Study Instance UID; empty where it is not stated.
        modality: `CT`, `MR`, …; empty where it is not stated.
        paths: The files, sorted along the normal of the image plane where all state their position, else by
            instance number, else by file name.
        spacing_mm: Largest and smallest distance between neighbours along the normal, in millimetres; None where the
            positions are not stated or there is one image alone. A gap shows as two different numbers.
    """

    uid: str
    study_uid: str
    modality: str
    paths: tuple[Path, ...]
    spacing_mm: tuple[float, float] | None


def read_series(folder: Path) -> tuple[tuple[Series, ...], tuple[Path, ...]]:
    """The series under a folder.

    Args:
        folder: Searched with all its subfolders.

    Returns:
        The series, by UID, and the files that are no readable DICOM images of a series.

    Raises:
        MissingDependency: The extra `imaging` is not installed.
    """
    members: dict[str, list[tuple[Path, Dataset]]] = {}
    others: list[Path] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            header = read_header(path)
            uid = str(header.get("SeriesInstanceUID") or "")
        except InvalidInput:
            uid = ""
        if uid and "Rows" in header:
            members.setdefault(uid, []).append((path, header))
        else:
            others.append(path)
    return tuple(_sorted_series(uid, files) for uid, files in sorted(members.items())), tuple(others)


def read_series_pictures(series: Series, *, window: tuple[float, float] | None = None) -> tuple[Picture, ...]:
    """Every image of a series in display grey levels, in the series' order; of multi-frame images the first frame.

    Raises:
        InvalidInput: An image does not decode.
        UnsupportedInput: An image is in an encoding that this installation cannot decode.
    """
    try:
        return tuple(read_display_image(path, window=window) for path in series.paths)
    except UnsupportedInput as error:
        raise UnsupportedInput(error.expected, found=f"{error.found} in a series", remedy=error.remedy) from error


def _sorted_series(uid: str, files: Sequence[tuple[Path, Dataset]]) -> Series:
    with tolerant_reading("the attributes of a series (PS3.3 C.7.3.1, C.7.6.2)"):
        places = [_place_mm(header) for _, header in files]
        known = [place for place in places if place is not None]
        if len(known) == len(files):
            order = sorted(range(len(files)), key=lambda index: (known[index], files[index][0]))
        else:
            order = sorted(range(len(files)), key=lambda index: (_instance(files[index][1]), files[index][0]))
        first = files[0][1]
        return Series(
            uid=uid,
            study_uid=str(first.get("StudyInstanceUID") or ""),
            modality=str(first.get("Modality") or ""),
            paths=tuple(files[index][0] for index in order),
            spacing_mm=_gaps_mm(np.array(known)) if len(known) == len(files) > 1 else None,
        )


def _place_mm(header: Dataset) -> float | None:
    """Where an image lies along its own normal (PS3.3 C.7.6.2.1.1)."""
    position, orientation = header.get("ImagePositionPatient"), header.get("ImageOrientationPatient")
    if position is None or orientation is None or len(position) != 3 or len(orientation) != 6:
        return None
    axes = np.array([float(value) for value in orientation]).reshape(2, 3)
    return float(np.cross(axes[0], axes[1]) @ np.array([float(value) for value in position]))


def _gaps_mm(places: NDArray[np.float64]) -> tuple[float, float]:
    gaps = np.diff(np.sort(places))
    return float(gaps.max()), float(gaps.min())


def _instance(header: Dataset) -> int:
    number = header.get("InstanceNumber")
    return 0 if number is None else int(number)
