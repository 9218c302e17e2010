"""Encoded pixel data (PS3.5 clause 8 and Annex A.4) into stored values.

pydicom chooses among its own decoders, GDCM and OpenJPEG. It declines JPEG with 12 bits (Process 2 & 4) and the
retired progressive processes, which GDCM decodes; those go to GDCM directly. Codecs that are written in C run in a
process of their own (`isolated_decoding`); native and RLE pixels are read here.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from salus.contracts.errors import InvalidInput, MissingDependency, UnsupportedInput
from salus.standards.dicom.codestreams import declared_size
from salus.standards.dicom.decoder_process import BY_GDCM_ALONE
from salus.standards.dicom.isolated_decoding import decode_isolated
from salus.standards.dicom.reading import tolerant_reading

if TYPE_CHECKING:
    from pydicom import Dataset, FileDataset

MAX_FRAME_PIXELS = 100_000_000
"""Largest frame that is decoded, in pixels (rows times columns)."""

_PIXEL_KEYWORDS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_SUPPORTED_PHOTOMETRY = {
    "MONOCHROME1",
    "MONOCHROME2",
    "PALETTE COLOR",
    "RGB",
    "YBR_FULL",
    "YBR_FULL_422",
    "YBR_ICT",
    "YBR_RCT",
}


def count_frames(dataset: Dataset) -> int:
    """How many frames the data set says that it holds; 1 where it does not say.

    Raises:
        InvalidInput: Number of Frames (0028,0008) is not a positive number.
    """
    with tolerant_reading("a Number of Frames (0028,0008) that is a number"):
        count = int(dataset.get("NumberOfFrames") or 1)
    if count < 1:
        raise InvalidInput("at least one frame", found=f"{count}", remedy="Correct Number of Frames (0028,0008).")
    return count


def decode_frame(dataset: FileDataset, frame: int) -> NDArray[np.generic]:
    """The stored values of one frame, before any look-up table.

    Args:
        dataset: As `read_dataset` gives it.
        frame: Which frame, from 0.

    Returns:
        (rows, columns) for grey or palette indices, (rows, columns, 3) for RGB; YBR is converted to RGB.

    Raises:
        InvalidInput: There are no pixels, no such frame, or they do not decode.
        UnsupportedInput: No decoder here reads this transfer syntax.
        MissingDependency: A decoder of the extra `imaging` is not installed.
    """
    _check_pixel_module(dataset, frame)
    syntax = dataset.file_meta.TransferSyntaxUID
    with tolerant_reading("a known transfer syntax"):
        compressed = bool(syntax.is_encapsulated)
    _check_decoder(dataset)
    if compressed and "RLE" not in syntax.name:
        encoded = _encoded_frame(dataset, frame)
        _check_declared_size(encoded)
        with tolerant_reading(f"pixel data in {syntax.name}"):
            return decode_isolated(dataset, encoded)
    if compressed and int(dataset.BitsAllocated) == 1:
        raise _unsupported(dataset)
    from pydicom.pixels.utils import pixel_array

    with tolerant_reading(f"pixel data in {syntax.name}"):
        return pixel_array(dataset, index=frame)


def _check_decoder(dataset: FileDataset) -> None:
    """Refuse a transfer syntax for which there is no decoder, or none installed."""
    from pydicom.pixels.decoders.base import get_decoder

    syntax = dataset.file_meta.TransferSyntaxUID
    if str(syntax) in BY_GDCM_ALONE and _declared_bits(dataset) > 8:
        installed = find_spec("gdcm") is not None
        if int(dataset.get("SamplesPerPixel") or 1) != 1:
            raise _unsupported(dataset)
    else:
        try:
            installed = get_decoder(syntax).is_available
        except NotImplementedError as error:
            raise _unsupported(dataset) from error
    if not installed:
        raise MissingDependency(
            f"a decoder for {syntax.name}",
            found="none installed",
            remedy="Install them with: pip install 'salus[imaging]'",
        )


def _check_pixel_module(dataset: Dataset, frame: int) -> None:
    """Refuse what cannot be a picture, before anything is decoded (Image Pixel module, PS3.3 C.7.6.3)."""
    if not any(keyword in dataset for keyword in _PIXEL_KEYWORDS):
        raise InvalidInput(
            "a DICOM image",
            found="an object without pixel data (a report, a plan, a waveform, …)",
            remedy="Send the image object.",
        )
    with tolerant_reading("the Image Pixel module (PS3.3 C.7.6.3)"):
        rows, columns = int(dataset.Rows), int(dataset.Columns)
        photometry = str(dataset.PhotometricInterpretation)
        samples = int(dataset.get("SamplesPerPixel") or 1)
        _ = int(dataset.BitsAllocated)
    if rows < 1 or columns < 1 or rows * columns > MAX_FRAME_PIXELS:
        raise InvalidInput(
            f"1 to {MAX_FRAME_PIXELS} pixels a frame", found=f"{rows} x {columns}", remedy="Send a smaller image."
        )
    if photometry not in _SUPPORTED_PHOTOMETRY or samples not in {1, 3}:
        raise UnsupportedInput(
            "grey, palette, RGB or YBR pixels",
            found=f"a photometric interpretation that is not read, with {samples} samples a pixel",
            remedy="Convert the object to MONOCHROME2 or RGB.",
        )
    count = count_frames(dataset)
    if not 0 <= frame < count:
        raise InvalidInput(f"a frame from 0 to {count - 1}", found=f"{frame}", remedy="Choose a frame that exists.")


def _declared_bits(dataset: Dataset) -> int:
    return int(dataset.get("BitsStored") or dataset.BitsAllocated)


def _encoded_frame(dataset: FileDataset, frame: int) -> bytes:
    from pydicom.encaps import get_frame

    with tolerant_reading("encapsulated pixel data (PS3.5 A.4)"):
        return get_frame(dataset.PixelData, frame, number_of_frames=count_frames(dataset))


def _check_declared_size(encoded: bytes) -> None:
    """Refuse a frame whose own header declares more pixels than are decoded."""
    size = declared_size(encoded)
    if size is not None and size[0] * size[1] > MAX_FRAME_PIXELS:
        raise InvalidInput(
            f"a frame of at most {MAX_FRAME_PIXELS} pixels",
            found=f"a codestream that declares {size[0]} x {size[1]}",
            remedy="Send the object again as its source stored it; the frame is damaged.",
        )


def _unsupported(dataset: FileDataset) -> UnsupportedInput:
    return UnsupportedInput(
        "a transfer syntax that this installation decodes",
        found=f"{dataset.file_meta.TransferSyntaxUID.name} with {_declared_bits(dataset)} bits",
        remedy="Convert the object to Explicit VR Little Endian, JPEG Lossless or JPEG 2000.",
    )
