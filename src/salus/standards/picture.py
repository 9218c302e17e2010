"""The value that every picture format is read into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from salus.contracts.text import LocalizedText

SourceFormat = Literal["png", "jpeg", "dicom"]


@dataclass(frozen=True)
class Picture:
    """One picture as a screen would show it.

    Attributes:
        pixels: (height, width, channels) uint8, 1 channel (grey, 0 black to 255 white) or 3 (red, green, blue).
        warnings: What the reader had to assume, and what may be wrong with the picture, for people.
        source_format: What it was read from.
        frames: How many frames the source holds; only one of them is in `pixels`.
        spacing_mm: Distance between the centres of two neighbouring rows and of two columns, in millimetres;
            None where the source does not say.
        modality: The DICOM modality (`CT`, `DX`, …); None for other sources or where it is not stated.
    """

    pixels: NDArray[np.uint8]
    warnings: tuple[LocalizedText, ...]
    source_format: SourceFormat
    frames: int = 1
    spacing_mm: tuple[float, float] | None = None
    modality: str | None = None

    def __post_init__(self) -> None:
        shape = self.pixels.shape
        if self.pixels.dtype != np.uint8 or len(shape) != 3 or shape[2] not in {1, 3} or 0 in shape:
            raise ValueError(f"expected uint8 (height, width, 1 or 3); found {self.pixels.dtype} {shape}")


def with_channels(pixels: NDArray[np.uint8], channels: int) -> NDArray[np.uint8]:
    """`pixels` with 1 or 3 channels.

    Colour becomes grey by the luma of ITU-R BT.601 in the fixed-point form that Pillow uses
    (`(19595 R + 38470 G + 7471 B + 32768) >> 16`); grey becomes colour by repetition.

    Args:
        pixels: (height, width, 1 or 3) uint8.
        channels: 1 or 3.

    Returns:
        (height, width, channels) uint8.

    Raises:
        ValueError: `channels` is neither 1 nor 3.
    """
    if channels not in {1, 3}:
        raise ValueError(f"expected 1 or 3 channels; found {channels}")
    if pixels.shape[2] == channels:
        return pixels
    if channels == 3:
        return np.repeat(pixels, 3, axis=2)
    weights = np.array([19595, 38470, 7471], dtype=np.uint32)
    luma = (pixels.astype(np.uint32) @ weights + 0x8000) >> 16
    return luma.astype(np.uint8)[:, :, np.newaxis]
