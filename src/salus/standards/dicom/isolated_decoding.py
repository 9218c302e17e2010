"""Compressed frames decoded in a process of their own.

GDCM ends the whole process (`terminate called after throwing`) on some damaged JPEG frames; found by flipping bytes of
sample files. No Python code can catch that, so that no codec written in C runs in the process that serves: a child
decodes, is started when it is first needed, is stopped when it takes too long, and is started anew when it died. The
child gets the frame and what describes its pixels, nothing of the patient.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from salus.contracts.errors import InvalidInput
from salus.standards.dicom.decoder_process import read_message, write_message

if TYPE_CHECKING:
    from pydicom import FileDataset

TIMEOUT_S = 60.0
"""Longest time that one frame may take, in seconds."""

_COMMAND = (sys.executable, "-P", "-m", "salus.standards.dicom.decoder_process")
_DESCRIBING = (
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "PlanarConfiguration",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
)


class FrameDecoder:
    """One child and the pipes to it. Answers one request at a time.

    Args:
        command: Starts a child that speaks as `decoder_process` says.
        timeout_s: Longest time that one answer may take, in seconds.
    """

    def __init__(self, command: Sequence[str] = _COMMAND, *, timeout_s: float = TIMEOUT_S) -> None:
        self._command = tuple(command)
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def ask(self, request: bytes) -> bytes | None:
        """The answer; None where the child died or was stopped because it took too long."""
        with self._lock:
            child = self._running()
            if child.stdin is None or child.stdout is None:
                raise RuntimeError("the decoder was started without pipes")
            stopwatch = threading.Timer(self._timeout_s, child.kill)
            stopwatch.start()
            try:
                write_message(child.stdin, request)
                answer = read_message(child.stdout)
            except BrokenPipeError:
                answer = None
            finally:
                stopwatch.cancel()
            if answer is None:
                self._stop()
            return answer

    def close(self) -> None:
        """Stop the child, if there is one of this process."""
        with self._lock:
            self._stop()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():
            self._child, self._owner = None, os.getpid()  # after a fork the child belongs to the other process
        if self._child is None or self._child.poll() is not None:
            self._stop()
            self._child = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._child

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is None or self._owner != os.getpid():
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue  # what was still to be sent to a dead child is of no use


decoder = FrameDecoder()
"""The child of this process; started when it is first asked."""

atexit.register(decoder.close)


def decode_isolated(dataset: FileDataset, encoded: bytes) -> NDArray[np.generic]:
    """The stored values of one compressed frame.

    Args:
        dataset: Describes the pixels.
        encoded: The frame as it is encapsulated.

    Returns:
        (rows, columns) or (rows, columns, 3).

    Raises:
        InvalidInput: The frame does not decode, ends the decoder, or takes longer than `TIMEOUT_S`.
    """
    name = dataset.file_meta.TransferSyntaxUID.name
    answer = decoder.ask(_single_frame_file(dataset, encoded))
    if answer is None:
        raise _undecodable(name, "a frame that ended the decoder")
    head, _, body = answer.partition(b"\n")
    told = json.loads(head)
    if "error" in told:
        raise _undecodable(name, f"content that does not read ({told['error']})")
    return np.frombuffer(body, dtype=told["dtype"]).reshape(told["shape"])


def _single_frame_file(dataset: FileDataset, encoded: bytes) -> bytes:
    """A DICOM file of the frame and what describes its pixels."""
    from pydicom import Dataset
    from pydicom.dataset import FileDataset as File
    from pydicom.dataset import FileMetaDataset
    from pydicom.encaps import encapsulate

    meta = FileMetaDataset()
    meta.TransferSyntaxUID = dataset.file_meta.TransferSyntaxUID
    small = Dataset()
    for keyword in _DESCRIBING:
        if dataset.get(keyword) is not None:
            setattr(small, keyword, dataset.get(keyword))
    small.PixelData = encapsulate([encoded], has_bot=False)
    small["PixelData"].VR = "OB"
    small["PixelData"].is_undefined_length = True
    buffer = BytesIO()
    File("", small, file_meta=meta, preamble=bytes(128)).save_as(buffer)
    return buffer.getvalue()


def _undecodable(syntax: str, found: str) -> InvalidInput:
    return InvalidInput(
        f"pixel data in {syntax}",
        found=found,
        remedy="Send the object again as its source stored it; it may be truncated or damaged.",
    )
