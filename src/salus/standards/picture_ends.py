"""Whether a PNG or JPEG file is there to its end; decoders fill in what is missing from the last rows in silence."""

from __future__ import annotations

_PNG_SIGNATURE = 8
_PNG_CHUNK_OVERHEAD = 12
_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Second bytes of the markers that no segment follows: TEM and RSTn."""
_SOS, _EOI = 0xDA, 0xD9


def ends_as_png(content: bytes) -> bool:
    """Whether the chunks from the signature on lead to a whole IEND (ISO/IEC 15948, 5.3); more may follow it.

    Example:
        >>> ends_as_png(bytes.fromhex("89504e470d0a1a0a") + bytes(4) + b"IEND" + bytes.fromhex("ae426082"))
        True
    """
    at = _PNG_SIGNATURE
    while at + _PNG_CHUNK_OVERHEAD <= len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        kind = content[at + 4 : at + 8]
        at += _PNG_CHUNK_OVERHEAD + length
        if kind == b"IEND":
            return at <= len(content)
    return False


def ends_as_jpeg(content: bytes) -> bool:
    """Whether the segments from SOI on lead to a scan and an EOI behind it (ITU-T T.81, B.1.1); more may follow it.

    In a scan a byte 0xFF is followed by 0x00 or RSTn, so that EOI's two bytes stand for nothing else.

    Example:
        >>> ends_as_jpeg(bytes.fromhex("ffd8 ffda0002 0102 ffd9")), ends_as_jpeg(bytes.fromhex("ffd8 ffda0002 0102"))
        (True, False)
    """
    at = 2
    while at + 4 <= len(content):
        marker = content[at + 1]
        if content[at] != 0xFF or marker == _EOI:
            return False
        if marker == _SOS:
            return content.find(bytes((0xFF, _EOI)), at + 4) >= 0
        if marker == 0xFF or marker in _JPEG_ALONE:
            at += 1 if marker == 0xFF else 2
        else:
            at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return False
