"""Encoded pixel data (PS3.5 clause 8 and Annex A.4) into stored values.

pydicom chooses among its own decoders, GDCM and OpenJPEG. It declines JPEG with 12 bits (Process 2 & 4) and the
retired progressive processes, which GDCM decodes; those go to GDCM directly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from salus.contracts.errors import InvalidInput, MissingDependency, SalusError, UnsupportedInput
from salus.standards.dicom.codestreams import declared_size
from salus.standards.dicom.reading import tolerant_reading

if TYPE_CHECKING:
    from pydicom import Dataset, FileDataset

MAX_FRAME_PIXELS = 100_000_000
"""Largest frame that is decoded, in pixels (rows times columns)."""

_PIXEL_KEYWORDS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_BY_GDCM_ALONE = {
    "1.2.840.10008.1.2.4.51",  # JPEG Extended (Process 2 & 4), 12 bits
    "1.2.840.10008.1.2.4.53",  # JPEG Spectral Selection (Process 6 & 8), retired
    "1.2.840.10008.1.2.4.55",  # JPEG Full Progression (Process 10 & 12), retired
}
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
    _check_declared_size(dataset, frame)
    if str(syntax) in _BY_GDCM_ALONE and _declared_bits(dataset) > 8:
        return _decode_with_gdcm(dataset, frame)
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.pixels.utils import pixel_array

    try:
        decoder = get_decoder(syntax)
    except NotImplementedError as error:
        raise _unsupported(dataset) from error
    if not decoder.is_available:
        raise MissingDependency(
            f"a decoder for {syntax.name}",
            found="none installed",
            remedy="Install them with: pip install 'salus[imaging]'",
        )
    try:
        with tolerant_reading(f"pixel data in {syntax.name}"):
            return pixel_array(dataset, index=frame)
    except SalusError as error:
        if syntax.is_encapsulated and int(dataset.BitsAllocated) == 1 and "RLE" in syntax.name:
            raise _unsupported(dataset) from error
        raise


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


def _check_declared_size(dataset: FileDataset, frame: int) -> None:
    """Refuse a frame whose own header declares more pixels than are decoded."""
    syntax = dataset.file_meta.TransferSyntaxUID
    with tolerant_reading("a known transfer syntax"):
        encapsulated = bool(syntax.is_encapsulated)
    if not encapsulated or "RLE" in syntax.name:
        return
    size = declared_size(_encoded_frame(dataset, frame))
    if size is not None and size[0] * size[1] > MAX_FRAME_PIXELS:
        raise InvalidInput(
            f"a frame of at most {MAX_FRAME_PIXELS} pixels",
            found=f"a codestream that declares {size[0]} x {size[1]}",
            remedy="Send the object again as its source stored it; the frame is damaged.",
        )


def _decode_with_gdcm(dataset: FileDataset, frame: int) -> NDArray[np.generic]:
    """Grey JPEG of 9 to 16 bits by GDCM's own codec."""
    try:
        import gdcm
    except ImportError as error:
        raise MissingDependency(
            "GDCM, to decode JPEG with more than 8 bits",
            found="no such library",
            remedy="Install it with: pip install 'salus[imaging]'",
        ) from error
    if int(dataset.get("SamplesPerPixel") or 1) != 1:
        raise _unsupported(dataset)
    rows, columns, bits = int(dataset.Rows), int(dataset.Columns), _declared_bits(dataset)
    encoded = _encoded_frame(dataset, frame)
    with tolerant_reading(f"pixel data in {dataset.file_meta.TransferSyntaxUID.name}"):
        fragment = gdcm.Fragment()
        fragment.SetByteStringValue(encoded)
        fragments = gdcm.SequenceOfFragments.New()
        fragments.AddFragment(fragment)
        element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
        element.SetValue(fragments.__ref__())
        image = gdcm.Image()
        image.SetNumberOfDimensions(2)
        image.SetDimensions((columns, rows, 1))
        image.SetDataElement(element)
        grey = gdcm.PhotometricInterpretation.GetPIType("MONOCHROME2")
        image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(grey))
        syntax = gdcm.TransferSyntax.GetTSType(str(dataset.file_meta.TransferSyntaxUID))
        image.SetTransferSyntax(gdcm.TransferSyntax(syntax))
        signed = int(dataset.get("PixelRepresentation") or 0)
        image.SetPixelFormat(gdcm.PixelFormat(1, 16, bits, bits - 1, signed))
        raw = image.GetBuffer().encode("utf-8", "surrogateescape")
        values = np.frombuffer(raw, dtype="<i2" if signed else "<u2")
        return values.reshape(rows, columns)


def _unsupported(dataset: FileDataset) -> UnsupportedInput:
    return UnsupportedInput(
        "a transfer syntax that this installation decodes",
        found=f"{dataset.file_meta.TransferSyntaxUID.name} with {_declared_bits(dataset)} bits",
        remedy="Convert the object to Explicit VR Little Endian, JPEG Lossless or JPEG 2000.",
    )
