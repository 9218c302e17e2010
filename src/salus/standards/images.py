"""PNG (ISO/IEC 15948) and JPEG (ITU-T T.81) pictures, and the one door for pictures of any kind.

Content that comes from outside is hostile until read: the size is judged from the header before a pixel is decoded,
a truncated file is refused, and nothing but PNG and JPEG decoders is ever tried.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from salus.contracts.errors import InvalidInput
from salus.contracts.text import LocalizedText
from salus.standards.picture import Picture, SourceFormat, with_channels
from salus.standards.picture_ends import ends_as_jpeg, ends_as_png

MAX_PIXELS = 50_000_000
"""Largest picture that is read by default, in pixels (height times width)."""

_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, KeyError, IndexError, TypeError)
_ORIENTATION = 0x0112
_DICOM_START_GROUPS = (b"\x02\x00", b"\x08\x00")

_ALPHA = LocalizedText(
    "The picture had transparent parts; they were laid on black.", "图像含有透明区域，已置于黑色背景上。"
)
_ROTATED = LocalizedText("The picture was turned as its EXIF orientation says.", "已按图像的 EXIF 方向标记旋转或翻转。")
_DARK_16_BIT = LocalizedText(
    "The picture has 16 bits but uses less than a sixteenth of their range; it may be too dark.",
    "该 16 位图像只用到了不足十六分之一的灰度范围，可能过暗。",
)
_FIRST_OF_MANY = LocalizedText(
    "The file holds several pictures; only the first was read.", "文件包含多幅图像，只读取了第一幅。"
)


def sniff(content: bytes) -> SourceFormat | None:
    """The format that `content` claims by its first bytes, or None where it is none of ours.

    A DICOM file without the preamble of PS3.10 is recognised by a first element of group 0002 or 0008.
    """
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content[128:132] == b"DICM":
        return "dicom"
    if content[:2] in _DICOM_START_GROUPS and len(content) >= 8 and content[3:4] == b"\x00":
        return "dicom"
    return None


def read_picture(content: bytes, *, max_pixels: int = MAX_PIXELS) -> Picture:
    """Read one PNG or JPEG.

    Transparent parts are laid on black. 16-bit grey is scaled to 8 bits by its declared depth. The EXIF orientation
    is applied. Colour profiles are not.

    Args:
        content: The file's bytes.
        max_pixels: Largest acceptable height times width.

    Returns:
        The picture, with 1 channel where the source is grey and 3 where it is coloured.

    Raises:
        InvalidInput: Not a PNG or JPEG, truncated, damaged, or larger than `max_pixels`.

    Example:
        >>> picture = read_picture(write_png(np.zeros((2, 3, 1), np.uint8)))
        >>> picture.pixels.shape, picture.source_format
        ((2, 3, 1), 'png')
    """
    kind = sniff(content)
    if kind not in {"png", "jpeg"}:
        raise InvalidInput(
            "a PNG or JPEG picture", found=f"{len(content)} bytes of another kind", remedy="Convert it to PNG or JPEG."
        )
    notes: list[LocalizedText] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(BytesIO(content), formats=["PNG", "JPEG"]) as image:
                _refuse_oversize(image.size, max_pixels)
                if getattr(image, "n_frames", 1) > 1:
                    notes.append(_FIRST_OF_MANY)
                image.load()
                if not (ends_as_png(content) if kind == "png" else ends_as_jpeg(content)):
                    raise EOFError("the file ends before the picture does")
                pixels = _display_levels(image, notes)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise _too_large("more pixels than any picture that is read", max_pixels) from error
        except _UNREADABLE as error:
            raise InvalidInput(
                f"a whole {kind.upper()} picture" if kind else "a picture",
                found=f"{len(content)} bytes that do not decode ({type(error).__name__})",
                remedy="Export the picture again; the file is truncated or damaged.",
            ) from error
    return Picture(pixels=pixels, warnings=tuple(notes), source_format="jpeg" if kind == "jpeg" else "png")


def read_any_picture(
    content: bytes, *, window: tuple[float, float] | None = None, channels: int | None = None, frame: int = 0
) -> Picture:
    """Read one PNG, JPEG or DICOM picture.

    Args:
        content: The file's bytes.
        window: Window centre and width in Hounsfield units, used for DICOM CT alone.
        channels: 1 or 3 to have the picture in grey or in colour; None leaves what the source has.
        frame: Which frame of a multi-frame DICOM image, from 0.

    Returns:
        The picture in display grey levels.

    Raises:
        InvalidInput: None of the three formats, damaged, or too large.
        UnsupportedInput: DICOM in an encoding that this installation cannot decode.
        MissingDependency: DICOM, and the extra `imaging` is not installed.
    """
    kind = sniff(content)
    if kind is None:
        raise InvalidInput(
            "a PNG, JPEG or DICOM picture",
            found=f"{len(content)} bytes of another kind",
            remedy="Send the picture as PNG, JPEG or DICOM.",
        )
    if kind == "dicom":
        from salus.standards.dicom.pixels import read_display_image

        picture = read_display_image(content, window=window, frame=frame)
    else:
        picture = read_picture(content)
    if channels is None or picture.pixels.shape[2] == channels:
        return picture
    return Picture(
        pixels=with_channels(picture.pixels, channels),
        warnings=picture.warnings,
        source_format=picture.source_format,
        frames=picture.frames,
        spacing_mm=picture.spacing_mm,
        modality=picture.modality,
    )


def write_png(pixels: NDArray[np.uint8]) -> bytes:
    """A PNG file of `pixels`: the same pixels always give the same bytes.

    Args:
        pixels: (height, width), (height, width, 1) or (height, width, 3) uint8.

    Raises:
        ValueError: Another shape or type.
    """
    flat = pixels[:, :, 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels
    if flat.dtype != np.uint8 or flat.ndim not in {2, 3} or (flat.ndim == 3 and flat.shape[2] != 3):
        raise ValueError(f"expected uint8 (height, width[, 1 or 3]); found {pixels.dtype} {pixels.shape}")
    buffer = BytesIO()
    Image.fromarray(np.ascontiguousarray(flat)).save(buffer, format="PNG", compress_level=6)
    return buffer.getvalue()


def describe_picture(content: bytes) -> tuple[int, int, str]:
    """Width, height and mode (Pillow's word: `L`, `RGB`, `RGBA`, …) that a PNG or JPEG declares; nothing is decoded.

    Raises:
        InvalidInput: Not a PNG or JPEG, or its header is damaged.
    """
    try:
        with Image.open(BytesIO(content), formats=["PNG", "JPEG"]) as image:
            return image.width, image.height, image.mode
    except _UNREADABLE as error:
        raise InvalidInput(
            "a PNG or JPEG picture", found=f"{len(content)} bytes of another kind", remedy="Convert it to PNG or JPEG."
        ) from error


def reduce_picture(pixels: NDArray[np.uint8], *, longest: int) -> NDArray[np.uint8]:
    """A picture whose longest side is at most `longest`, by Lanczos resampling; never enlarged.

    Args:
        pixels: (height, width, 1 or 3) uint8.
        longest: In pixels.

    Returns:
        (new height, new width, the same channels) uint8.
    """
    height, width, channels = pixels.shape
    scale = longest / max(height, width)
    if scale >= 1.0:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    image = Image.fromarray(np.ascontiguousarray(pixels[:, :, 0] if channels == 1 else pixels))
    reduced = np.asarray(image.resize(size, Image.Resampling.LANCZOS), dtype=np.uint8)
    return reduced.reshape(size[1], size[0], channels)


def _refuse_oversize(size: tuple[int, int], max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels:
        raise _too_large(f"{width} x {height} pixels", max_pixels)


def _too_large(found: str, max_pixels: int) -> InvalidInput:
    return InvalidInput(f"at most {max_pixels} pixels", found=found, remedy="Reduce the picture before sending it.")


def _display_levels(image: Image.Image, notes: list[LocalizedText]) -> NDArray[np.uint8]:
    """(height, width, 1 or 3) uint8 of a decoded image of any mode; what had to be assumed goes into `notes`."""
    if image.getexif().get(_ORIENTATION, 1) not in {0, 1}:
        image = ImageOps.exif_transpose(image)
        notes.append(_ROTATED)
    if image.mode.startswith("I"):
        return _from_deep_grey(np.asarray(image), notes)
    if image.mode == "P":
        image = _without_palette(image)
    if image.mode in {"LA", "La", "PA", "RGBA", "RGBa"}:
        image = _on_black(image, notes)
    if image.mode == "1":
        image = image.convert("L")
    if image.mode != "L":
        image = image.convert("RGB")
    pixels = np.asarray(image, dtype=np.uint8)
    return pixels[:, :, np.newaxis] if pixels.ndim == 2 else pixels


def _from_deep_grey(values: NDArray[np.generic], notes: list[LocalizedText]) -> NDArray[np.uint8]:
    """16-bit grey to 8 bits: value / 257, rounded, so that 65535 becomes 255."""
    deep = np.clip(values.astype(np.int64), 0, 65535)
    if 0 < int(deep.max(initial=0)) < 4096:
        notes.append(_DARK_16_BIT)
    return ((deep + 128) // 257).astype(np.uint8)[:, :, np.newaxis]


def _without_palette(image: Image.Image) -> Image.Image:
    """Indexed colour as grey where each used entry is grey, else as colour; transparency is kept."""
    if "transparency" in image.info:
        return image.convert("RGBA")
    coloured = image.convert("RGB")
    levels = np.asarray(coloured)
    grey = bool(np.all(levels == levels[:, :, :1]))
    return coloured.getchannel(0) if grey else coloured


def _on_black(image: Image.Image, notes: list[LocalizedText]) -> Image.Image:
    """The image laid on black, so that hidden colours under transparent parts do not show."""
    grey = image.mode in {"LA", "La"}
    whole = image.convert("RGBA")
    alpha = whole.getchannel("A")
    if alpha.getextrema() != (255, 255):
        notes.append(_ALPHA)
    ground = Image.new("RGBA", whole.size, (0, 0, 0, 255))
    flat = Image.alpha_composite(ground, whole).convert("RGB")
    return flat.getchannel(0) if grey else flat
