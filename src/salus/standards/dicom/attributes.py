"""Where a data set keeps what its picture needs: on top, or in the functional groups of an enhanced object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from salus.standards.dicom.grey_levels import LookUpTable

if TYPE_CHECKING:
    from pydicom import Dataset


def functional_groups(dataset: Dataset, frame: int, macro: str) -> Iterator[Dataset]:
    """The items that may describe `frame`, nearest first (PS3.3 C.7.6.16).

    Args:
        dataset: Any image.
        frame: Which frame, from 0.
        macro: The macro's sequence, such as `PixelMeasuresSequence`.

    Yields:
        The item of the frame's own functional group, that of the shared group, and the data set itself.
    """
    own = list(dataset.get("PerFrameFunctionalGroupsSequence") or ())[frame : frame + 1]
    shared = list(dataset.get("SharedFunctionalGroupsSequence") or ())[:1]
    for group in (*own, *shared):
        yield from list(group.get(macro) or ())[:1]
    yield dataset


def first_number(dataset: Dataset, keyword: str) -> float | None:
    """The first value of a numeric attribute; None where it is absent, empty or not finite."""
    value: Any = dataset.get(keyword)
    if value is None or value == "":
        return None
    if not isinstance(value, str) and hasattr(value, "__len__"):
        if len(value) == 0:
            return None
        value = value[0]
    number = float(value)
    return number if np.isfinite(number) else None


def read_rescale(dataset: Dataset, frame: int) -> tuple[float, float] | None:
    """Rescale slope and intercept of `frame`; None where there is no rescale."""
    for item in functional_groups(dataset, frame, "PixelValueTransformationSequence"):
        slope, intercept = first_number(item, "RescaleSlope"), first_number(item, "RescaleIntercept")
        if slope is not None and intercept is not None:
            return slope, intercept
    return None


def read_spacing_mm(dataset: Dataset, frame: int) -> tuple[float, float] | None:
    """Row and column spacing in millimetres; None where it is not stated or not positive.

    Pixel Spacing (0028,0030), which is calibrated to the patient, goes before Imager Pixel Spacing (0018,1164).
    """
    for keyword in ("PixelSpacing", "ImagerPixelSpacing"):
        for item in functional_groups(dataset, frame, "PixelMeasuresSequence"):
            value = item.get(keyword)
            if value is None or isinstance(value, str) or not hasattr(value, "__len__") or len(value) != 2:
                continue
            row, column = float(value[0]), float(value[1])
            if row > 0 and column > 0:
                return row, column
    return None


def read_table(dataset: Dataset, sequence: str, *, signed: bool) -> LookUpTable | None:
    """The first look-up table of `sequence` (`ModalityLUTSequence`, `VOILUTSequence`), or None.

    Args:
        dataset: Whose table.
        sequence: The sequence's keyword.
        signed: True where the table's input is signed; the descriptor's second value then is.

    Raises:
        ValueError: The table is shorter than its descriptor says.
    """
    items = list(dataset.get(sequence) or ())
    if not items:
        return None
    descriptor = [int(value) for value in items[0].LUTDescriptor]
    count = descriptor[0] or 1 << 16
    first = descriptor[1] - (1 << 16) if signed and descriptor[1] >= 1 << 15 else descriptor[1]
    entries = _table_entries(dataset, items[0]["LUTData"].value, count)
    if len(entries) < count:
        raise ValueError(f"expected {count} entries; found {len(entries)}")
    return LookUpTable(first=first, entries=entries[:count], bits=descriptor[2])


def _table_entries(dataset: Dataset, data: Any, count: int) -> NDArray[np.uint16]:
    """Entries written as numbers (US), as words (OW), or two to a word where they have 8 bits."""
    if not isinstance(data, bytes):
        return np.atleast_1d(np.asarray(data, dtype=np.int64)).astype(np.uint16)
    meta = getattr(dataset, "file_meta", None)
    little = True if meta is None else bool(meta.TransferSyntaxUID.is_little_endian)
    if count <= len(data) < 2 * count:
        return np.frombuffer(data, dtype=np.uint8).astype(np.uint16)
    return np.frombuffer(data, dtype="<u2" if little else ">u2").astype(np.uint16)
