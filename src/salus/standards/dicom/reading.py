"""DICOM files (PS3.10) into data sets, without trusting them.

pydicom is tolerant: it warns and goes on. Here its warnings are collected, its log (which quotes values) is muted, its
many exceptions become one error that holds no value of the file, and a deflated data set is inflated only up to a
limit.
"""

from __future__ import annotations

import logging
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from salus.contracts.errors import InvalidInput, MissingDependency, SalusError

if TYPE_CHECKING:
    from pydicom import FileDataset

MAX_BYTES = 1 << 30
"""Largest file, and largest inflated data set, that is read: 1 GiB."""

_DEFLATED = "1.2.840.10008.1.2.1.99"
_FAILURES = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
_LONG_FORM = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
_lock = threading.RLock()


@contextmanager
def tolerant_reading(what: str) -> Iterator[list[str]]:
    """Turn pydicom's exceptions into `InvalidInput` and collect its warnings.

    Python's warning filters belong to the process, so one thread reads at a time. The decoders hold the interpreter's
    lock anyway.

    Args:
        what: What was expected to be readable, for the error.

    Yields:
        The names of the warnings' kinds; filled when the block ends.

    Raises:
        InvalidInput: The block raised what pydicom and its decoders raise for unreadable content.
    """
    from pydicom.errors import BytesLengthException, InvalidDicomError

    kinds: list[str] = []
    log = logging.getLogger("pydicom")
    with _lock, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        muted, log.disabled = log.disabled, True  # it writes values of attributes
        try:
            yield kinds
        except SalusError:
            raise
        except (InvalidDicomError, BytesLengthException, *_FAILURES) as error:
            raise InvalidInput(
                what,
                found=f"content that does not read ({type(error).__name__})",
                remedy="Send the object again as its source stored it; it may be truncated or damaged.",
            ) from None  # pydicom's own words quote values
        finally:
            log.disabled = muted
            kinds.extend(sorted({warning.category.__name__ for warning in caught}))


def read_dataset(content: bytes | Path) -> FileDataset:
    """Read one DICOM file; its pixel data stay encoded.

    Args:
        content: The file's bytes, or where it lies.

    Raises:
        InvalidInput: Not DICOM, without a transfer syntax, damaged, or too large.
        MissingDependency: The extra `imaging` is not installed.
    """
    return _read(content, pixels=True)


def read_header(content: bytes | Path) -> FileDataset:
    """As `read_dataset`, without the pixel data."""
    return _read(content, pixels=False)


def _read(content: bytes | Path, *, pixels: bool) -> FileDataset:
    require_pydicom()
    data = _bounded(content)
    from pydicom import dcmread

    with tolerant_reading("a DICOM file (PS3.10)"):
        _refuse_inflation_bomb(data)
        dataset = dcmread(BytesIO(data), force=True, stop_before_pixels=not pixels)
        if not getattr(dataset, "file_meta", {}).get("TransferSyntaxUID"):
            raise InvalidInput(
                "a DICOM file with a Transfer Syntax UID (0002,0010)",
                found="none",
                remedy="Store the object as a DICOM file (PS3.10) with its file meta information.",
            )
        if len(dataset) == 0:
            raise InvalidInput(
                "a DICOM data set",
                found="file meta information alone",
                remedy="Send the whole file.",
            )
    return dataset


def require_pydicom() -> None:
    """Make sure that pydicom is there.

    Raises:
        MissingDependency: It is not.
    """
    try:
        import pydicom  # noqa: F401  # only whether it is there
    except ImportError as error:
        raise MissingDependency(
            "pydicom, to read DICOM",
            found="no such library",
            remedy="Install it with: pip install 'salus[imaging]'",
        ) from error


def _bounded(content: bytes | Path) -> bytes:
    size = len(content) if isinstance(content, bytes) else content.stat().st_size
    if size > MAX_BYTES:
        raise InvalidInput(
            f"a DICOM file of at most {MAX_BYTES} bytes", found=f"{size} bytes", remedy="Send fewer frames."
        )
    return content if isinstance(content, bytes) else content.read_bytes()


def _refuse_inflation_bomb(data: bytes) -> None:
    """Inflate a deflated data set (PS3.5 A.5) piece by piece and refuse it where it exceeds the limit."""
    syntax, start = _file_meta(data)
    if syntax != _DEFLATED:
        return
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    inflated = 0
    rest = data[start:]
    while rest and not inflater.eof:
        inflated += len(inflater.decompress(rest, 1 << 20))
        if inflated > MAX_BYTES:
            raise InvalidInput(
                f"a data set that inflates to at most {MAX_BYTES} bytes",
                found="more",
                remedy="Send the object in another transfer syntax.",
            )
        rest = inflater.unconsumed_tail


def _file_meta(data: bytes) -> tuple[str | None, int]:
    """Transfer syntax UID and end of the file meta information (PS3.10 7.1: Explicit VR Little Endian, group 0002)."""
    at = 132 if data[128:132] == b"DICM" else 0
    syntax = None
    while data[at : at + 2] == b"\x02\x00" and at + 8 <= len(data):
        element, vr = data[at + 2 : at + 4], data[at + 4 : at + 6]
        if vr in _LONG_FORM:
            length, head = int.from_bytes(data[at + 8 : at + 12], "little"), 12
        else:
            length, head = int.from_bytes(data[at + 6 : at + 8], "little"), 8
        if element == b"\x10\x00":
            syntax = data[at + head : at + head + length].decode("ascii", "replace").strip("\0 ")
        at += head + length
    return syntax, at
