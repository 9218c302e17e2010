"""How large a compressed frame says that it is, read from its own header before anything is decoded.

A frame of a few bytes may declare terabytes; the data set's Rows and Columns do not bind the decoder.
"""

from __future__ import annotations

import struct

_STAND_ALONE = {0x01, *range(0xD0, 0xD9)}
_NOT_FRAMES = {0xC4, 0xC8, 0xCC}


def declared_size(frame: bytes) -> tuple[int, int] | None:
    """Height and width that a JPEG, JPEG-LS or JPEG 2000 codestream declares.

    Args:
        frame: One encoded frame.

    Returns:
        (height, width) in pixels, or None where the frame is none of these.
    """
    if frame.startswith(b"\xff\xd8"):
        return _jpeg_size(frame)
    start = frame.find(b"\xff\x4f\xff\x51", 0, 4096)
    if start >= 0 and len(frame) >= start + 24:
        right, bottom, left, top = struct.unpack(">4I", frame[start + 8 : start + 24])
        return bottom - top, right - left
    return None


def _jpeg_size(frame: bytes) -> tuple[int, int] | None:
    """Walk the marker segments (ITU-T T.81 B.1.1.4) to the frame header (SOF0..15, or SOF55 of JPEG-LS)."""
    at = 2
    while at + 9 <= len(frame):
        if frame[at] != 0xFF:
            return None
        marker = frame[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _STAND_ALONE:
            at += 2
        elif (0xC0 <= marker <= 0xCF and marker not in _NOT_FRAMES) or marker == 0xF7:
            height, width = struct.unpack(">2H", frame[at + 5 : at + 9])
            return height, width
        else:
            at += 2 + int.from_bytes(frame[at + 2 : at + 4], "big")
    return None
