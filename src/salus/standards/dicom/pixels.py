"""DICOM images as pictures in display grey levels, and CT as Hounsfield units.

The chain is that of PS3.4 N.2: decode, modality LUT, values of interest, presentation. Overlays, shutters, ICC
profiles and supplemental palettes are not applied.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from salus.contracts.errors import InvalidInput
from salus.contracts.text import LocalizedText
from salus.standards.dicom.attributes import (
    first_number,
    functional_groups,
    read_rescale,
    read_spacing_mm,
    read_table,
)
from salus.standards.dicom.burned_in import burned_in_warnings
from salus.standards.dicom.decoding import count_frames, decode_frame
from salus.standards.dicom.grey_levels import (
    Floats,
    LookUpTable,
    Window,
    WindowFunction,
    apply_window,
    display_levels,
    look_up,
    rescale,
    stretch,
)
from salus.standards.dicom.reading import read_dataset, tolerant_reading
from salus.standards.picture import Picture

if TYPE_CHECKING:
    from pydicom import Dataset, FileDataset

_STRETCHED = LocalizedText(
    "The file states no window; grey levels run from its smallest to its largest value.",
    "文件未给出窗宽窗位；灰度按其最小值到最大值拉伸。",
)
_NO_RESCALE = LocalizedText(
    "The CT image states no rescale to Hounsfield units; the model's window could not be applied.",
    "该 CT 图像未给出到亨氏单位的换算，无法应用模型的窗宽窗位。",
)
_LOCALISER = LocalizedText(
    "This is a localiser (scout), not a slice; its values are not Hounsfield units.",
    "这是定位像而非断层图像，其数值不是亨氏单位。",
)


@dataclass(frozen=True)
class HounsfieldImage:
    """One CT slice in Hounsfield units.

    Attributes:
        values: (rows, columns) FP32 in Hounsfield units; NaN where the scanner saw nothing (padding).
        spacing_mm: Row and column spacing in millimetres; None where it is not stated.
        frames: How many frames the source holds.
        warnings: For people.
    """

    values: NDArray[np.float32]
    spacing_mm: tuple[float, float] | None
    frames: int
    warnings: tuple[LocalizedText, ...]


def read_display_image(content: bytes | Path, *, window: tuple[float, float] | None = None, frame: int = 0) -> Picture:
    """One frame of a DICOM image as a screen would show it.

    Args:
        content: The file's bytes, or where it lies.
        window: Centre and width in Hounsfield units; goes before the file's own for CT, and is not used for others.
        frame: Which frame, from 0.

    Returns:
        The picture: 1 channel for MONOCHROME1 and 2, 3 channels for colour.

    Raises:
        InvalidInput: Not a DICOM image, no such frame, or damaged.
        UnsupportedInput: In an encoding that this installation cannot decode.
        MissingDependency: The extra `imaging` is not installed.
    """
    dataset = read_dataset(content)
    return display_image(dataset, window=window, frame=frame)


def display_image(dataset: FileDataset, *, window: tuple[float, float] | None = None, frame: int = 0) -> Picture:
    """As `read_display_image`, for a data set that has been read (and perhaps de-identified) already."""
    stored = decode_frame(dataset, frame)
    notes: list[LocalizedText] = []
    with tolerant_reading("the attributes of a DICOM image (PS3.3 C.7.6.3, C.11)"):
        if str(dataset.PhotometricInterpretation) == "PALETTE COLOR":
            pixels = _from_palette(stored, dataset)
        elif stored.ndim == 3:
            pixels = _to_eight_bits(stored, dataset)
        else:
            pixels = _grey(stored, dataset, frame, window, notes)
        return Picture(
            pixels=pixels,
            warnings=(*notes, *burned_in_warnings(dataset)),
            source_format="dicom",
            frames=count_frames(dataset),
            spacing_mm=read_spacing_mm(dataset, frame),
            modality=_modality(dataset) or None,
        )


def read_hounsfield(content: bytes | Path, *, frame: int = 0) -> HounsfieldImage:
    """One CT slice in Hounsfield units (rescale of PS3.3 C.11.1.1.2; air is -1000, water 0).

    Args:
        content: The file's bytes, or where it lies.
        frame: Which frame, from 0.

    Raises:
        InvalidInput: Not CT, without rescale, a localiser, or damaged.
        UnsupportedInput: In an encoding that this installation cannot decode.
        MissingDependency: The extra `imaging` is not installed.
    """
    dataset = read_dataset(content)
    with tolerant_reading("the attributes of a CT image (PS3.3 C.8.2.1)"):
        factors = read_rescale(dataset, frame)
        unit = str(dataset.get("RescaleType") or "HU").strip().upper()
        fit = _modality(dataset) == "CT" and factors is not None and unit == "HU" and not _is_localiser(dataset)
    if factors is None or not fit:
        raise InvalidInput(
            "a CT slice with rescale slope and intercept in Hounsfield units",
            found="another kind of image",
            remedy="Send a CT slice as the scanner stored it.",
        )
    stored = decode_frame(dataset, frame)
    with tolerant_reading("the attributes of a CT image (PS3.3 C.8.2.1)"):
        values = rescale(stored, *factors)
        padding = _padding(stored, dataset)
        values = values if padding is None else np.where(padding, np.nan, values)
        return HounsfieldImage(
            values=values.astype(np.float32),
            spacing_mm=read_spacing_mm(dataset, frame),
            frames=count_frames(dataset),
            warnings=burned_in_warnings(dataset),
        )


def _modality(dataset: Dataset) -> str:
    return str(dataset.get("Modality") or "").strip().upper()


def _is_localiser(dataset: Dataset) -> bool:
    kinds = dataset.get("ImageType") or ()
    return "LOCALIZER" in [str(kind).upper() for kind in ([kinds] if isinstance(kinds, str) else kinds)]


def _grey(
    stored: NDArray[np.generic],
    dataset: Dataset,
    frame: int,
    window: tuple[float, float] | None,
    notes: list[LocalizedText],
) -> NDArray[np.uint8]:
    """(rows, columns, 1): modality LUT, values of interest, presentation."""
    factors = read_rescale(dataset, frame)
    values = _modality_values(stored, dataset, factors)
    background = _padding(stored, dataset)
    unknown = ~np.isfinite(values)
    if unknown.any():
        background = unknown if background is None else background | unknown
        values = np.where(unknown, 0.0, values)
    own = _own_window(dataset, factors, window, notes)
    shares = _of_interest(values, dataset, frame, own=own, background=background, notes=notes)
    inverted = str(dataset.PhotometricInterpretation) == "MONOCHROME1"
    return display_levels(shares, inverted=inverted, background=background)


def _modality_values(stored: NDArray[np.generic], dataset: Dataset, factors: tuple[float, float] | None) -> Floats:
    table = read_table(dataset, "ModalityLUTSequence", signed=_is_signed(dataset))
    if table is not None:
        return look_up(stored, table)
    return rescale(stored, *(factors or (1.0, 0.0)))


def _is_signed(dataset: Dataset) -> bool:
    return int(dataset.get("PixelRepresentation") or 0) == 1


def _own_window(
    dataset: Dataset,
    factors: tuple[float, float] | None,
    window: tuple[float, float] | None,
    notes: list[LocalizedText],
) -> Window | None:
    """The caller's window where it has a meaning: CT in Hounsfield units."""
    if _modality(dataset) != "CT":
        return None
    if _is_localiser(dataset):
        notes.append(_LOCALISER)
    if window is None:
        return None
    if factors is None:
        notes.append(_NO_RESCALE)
        return None
    return Window(centre=window[0], width=window[1])


def _of_interest(
    values: Floats,
    dataset: Dataset,
    frame: int,
    *,
    own: Window | None,
    background: NDArray[np.bool_] | None,
    notes: list[LocalizedText],
) -> Floats:
    """Shares of full brightness: the caller's window, the file's table or window, full range, or a stretch."""
    if own is not None:
        return apply_window(values, own)
    for item in functional_groups(dataset, frame, "FrameVOILUTSequence"):
        found = _read_interest(item, dataset)
        if isinstance(found, LookUpTable):
            return look_up(values, found) / float((1 << found.bits) - 1)
        if found is not None:
            return apply_window(values, found)
    bits = int(dataset.get("BitsStored") or dataset.BitsAllocated)
    plain = read_rescale(dataset, frame) is None and "ModalityLUTSequence" not in dataset
    if bits <= 8 and plain and not _is_signed(dataset):
        return stretch(values, 0.0, float((1 << bits) - 1))
    notes.append(_STRETCHED)
    seen = values if background is None else values[~background]
    if seen.size == 0:
        return np.zeros_like(values)
    return stretch(values, float(seen.min()), float(seen.max()))


def _read_interest(item: Dataset, dataset: Dataset) -> LookUpTable | Window | None:
    """The first view that `item` offers; one that is not valid is passed over, and the next place is asked."""
    signed = _is_signed(dataset) or (first_number(dataset, "RescaleIntercept") or 0.0) < 0.0
    table = read_table(item, "VOILUTSequence", signed=signed)
    if table is not None:
        return table
    centre, width = first_number(item, "WindowCenter"), first_number(item, "WindowWidth")
    stated = str(item.get("VOILUTFunction") or "LINEAR").strip().upper()
    functions: dict[str, WindowFunction] = {
        "LINEAR": "LINEAR",
        "LINEAR_EXACT": "LINEAR_EXACT",
        "SIGMOID": "SIGMOID",
    }
    function = functions.get(stated)
    if centre is None or width is None or function is None or width <= 0 or (function == "LINEAR" and width < 1):
        return None
    return Window(centre=centre, width=width, function=function)


def _padding(stored: NDArray[np.generic], dataset: Dataset) -> NDArray[np.bool_] | None:
    """True where a stored value is padding (PS3.3 C.7.5.1.1.2), or None where no padding value is stated."""
    value = first_number(dataset, "PixelPaddingValue")
    if value is None:
        return None
    limit = first_number(dataset, "PixelPaddingRangeLimit")
    low, high = sorted((value, value if limit is None else limit))
    numbers = stored.astype(np.float64)
    return (numbers >= low) & (numbers <= high)


def _from_palette(stored: NDArray[np.generic], dataset: FileDataset) -> NDArray[np.uint8]:
    """(rows, columns, 3): indices through the palette colour look-up tables (PS3.3 C.7.9)."""
    from pydicom.pixels.processing import apply_color_lut

    coloured = apply_color_lut(stored, dataset)
    return (coloured >> 8).astype(np.uint8) if coloured.dtype.itemsize > 1 else coloured.astype(np.uint8)


def _to_eight_bits(stored: NDArray[np.generic], dataset: Dataset) -> NDArray[np.uint8]:
    """(rows, columns, 3): colour of any depth by its most significant eight bits."""
    bits = int(dataset.get("BitsStored") or dataset.BitsAllocated)
    if bits < 8:
        scaled = np.rint(stored.astype(np.float64) * (255.0 / ((1 << bits) - 1)))
        return np.clip(scaled, 0, 255).astype(np.uint8)
    return (stored.astype(np.uint64) >> np.uint64(bits - 8)).clip(0, 255).astype(np.uint8)
