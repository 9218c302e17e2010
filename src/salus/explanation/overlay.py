"""The picture with its heatmap over it, for people."""

from __future__ import annotations

import functools
from importlib import resources

import msgspec
import numpy as np
from numpy.typing import NDArray

from salus.contracts.errors import InvalidInput
from salus.explanation.stretching import stretch

_CONTOUR_RGB = (255, 255, 255)


def draw_overlay(
    pixels: NDArray[np.uint8],
    heatmap: NDArray[np.floating],
    *,
    opacity: float = 0.55,
    contours: tuple[float, ...] = (),
) -> NDArray[np.uint8]:
    """Lay a heatmap over a picture.

    Colours are those of `inferno` (Smith and van der Walt, 2015; CC0): perceptually uniform, and in order for
    people with colour-blindness and on paper. A pixel's colour covers the picture by `opacity` times its value, so
    what has no evidence stays as it was.

    Args:
        pixels: (height, width, channels), channels being 1 (grey) or 3 (RGB).
        heatmap: (h, w) from 0 to 1; stretched bilinearly.
        opacity: Of the strongest evidence, from 0 to 1.
        contours: Values from 0 to 1 whose borders are drawn as white lines.

    Returns:
        RGB, (height, width, 3).

    Raises:
        InvalidInput: Shapes, datatype or ranges do not fit.
    """
    if pixels.ndim != 3 or pixels.shape[2] not in {1, 3} or pixels.dtype != np.uint8:
        raise InvalidInput(
            "pixels (height, width, 1 or 3) of UINT8",
            found=f"shape {pixels.shape} of {pixels.dtype}",
            remedy="Hand in one picture as the model got it.",
        )
    values = stretch(heatmap, pixels.shape[0], pixels.shape[1])
    if not (0.0 <= opacity <= 1.0 and values.min() >= -1e-6 and values.max() <= 1 + 1e-6):
        raise InvalidInput(
            "an opacity and a heatmap from 0 to 1",
            found=f"opacity {opacity} and a heatmap outside that range or not finite",
            remedy="Divide the heatmap by its largest value.",
        )
    cover = (opacity * np.clip(values, 0, 1))[..., None]
    colours = _colours()[np.clip(np.rint(values * 255), 0, 255).astype(np.intp)]
    picture = np.broadcast_to(pixels, (*pixels.shape[:2], 3)).astype(np.float32)
    mixed: NDArray[np.uint8] = np.rint(picture * (1 - cover) + colours * cover).astype(np.uint8)
    for level in contours:
        mixed[_border(values >= level)] = _CONTOUR_RGB
    return mixed


def _border(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels inside that touch (up, down, left, right) one outside; the picture's own edge is no border."""
    padded = np.pad(inside, 1, mode="edge")
    around = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    border: NDArray[np.bool_] = inside & ~around
    return border


@functools.cache
def _colours() -> NDArray[np.float32]:
    """(256, 3) RGB from 0 to 255."""
    text = resources.files("salus.explanation").joinpath("inferno.json").read_bytes()
    colours = np.array(msgspec.json.decode(text, type=list[tuple[int, int, int]]), dtype=np.float32)
    colours.flags.writeable = False
    return colours
