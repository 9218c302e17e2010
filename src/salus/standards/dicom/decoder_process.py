"""The other side of `isolated_decoding`: decodes one frame after the other until its input ends.

Run as `python -P -m salus.standards.dicom.decoder_process`. Both directions speak in messages of eight bytes of length
(big end first) and so many bytes. A request is a DICOM file of one frame. An answer is a line of JSON, `{"dtype",
"shape"}` or `{"error"}`, and behind it the values in C order.
"""

from __future__ import annotations

import json
import os
import sys
from io import BytesIO
from typing import IO, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pydicom import FileDataset

MAX_MEMORY_BYTES = 8 << 30
"""Address space that the process may take: 8 GiB."""

BY_GDCM_ALONE = frozenset(
    {
        "1.2.840.10008.1.2.4.51",  # JPEG Extended (Process 2 & 4), 12 bits
        "1.2.840.10008.1.2.4.53",  # JPEG Spectral Selection (Process 6 & 8), retired
        "1.2.840.10008.1.2.4.55",  # JPEG Full Progression (Process 10 & 12), retired
    }
)
"""Transfer syntaxes that pydicom declines above 8 bits and GDCM decodes."""


def main() -> None:
    """Answer requests on standard input until it ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the C libraries print must not mix with the answers
    _limit_memory()
    while (request := read_message(sys.stdin.buffer)) is not None:
        write_message(answers, answer(request))


def read_message(stream: IO[bytes]) -> bytes | None:
    """The next message; None where the stream ends first."""
    head = stream.read(8)
    if len(head) < 8:
        return None
    length = int.from_bytes(head, "big")
    body = stream.read(length)
    return body if len(body) == length else None


def write_message(stream: IO[bytes], body: bytes) -> None:
    """Write one message whole."""
    stream.write(len(body).to_bytes(8, "big"))
    stream.write(body)
    stream.flush()


def decode_file(content: bytes) -> NDArray[np.generic]:
    """The stored values of a DICOM file of one frame.

    Args:
        content: The file's bytes.

    Returns:
        (rows, columns) or (rows, columns, 3).

    Raises:
        Exception: Whatever pydicom or a decoder raises for content that it cannot read.
    """
    from pydicom import dcmread
    from pydicom.pixels.utils import pixel_array

    dataset = dcmread(BytesIO(content))
    bits = int(dataset.get("BitsStored") or dataset.BitsAllocated)
    if str(dataset.file_meta.TransferSyntaxUID) in BY_GDCM_ALONE and bits > 8:
        return _decode_with_gdcm(dataset, bits)
    return pixel_array(dataset, index=0)


def answer(request: bytes) -> bytes:
    """The answer to one request; a failure is an answer too."""
    try:
        values = np.ascontiguousarray(decode_file(request))
    except Exception as error:  # noqa: BLE001  # every failure of a decoder is an answer; it is re-raised by the asker
        return json.dumps({"error": type(error).__name__}).encode() + b"\n"
    return json.dumps({"dtype": values.dtype.str, "shape": values.shape}).encode() + b"\n" + values.tobytes()


def _limit_memory() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))


def _decode_with_gdcm(dataset: FileDataset, bits: int) -> NDArray[np.generic]:
    """Grey JPEG of 9 to 16 bits by GDCM's own codec."""
    import gdcm
    from pydicom.encaps import get_frame

    rows, columns, signed = int(dataset.Rows), int(dataset.Columns), int(dataset.get("PixelRepresentation") or 0)
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(get_frame(dataset.PixelData, 0, number_of_frames=1))
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
    image.SetPixelFormat(gdcm.PixelFormat(1, 16, bits, bits - 1, signed))
    raw = image.GetBuffer().encode("utf-8", "surrogateescape")
    return np.frombuffer(raw, dtype="<i2" if signed else "<u2").reshape(rows, columns)


if __name__ == "__main__":
    main()
