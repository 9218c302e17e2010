"""Arrays of any common form into the one form that the platform's pictures have: uint8 (samples, H, W, channels)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Array
from salus.contracts.errors import InvalidInput
from salus.standards.picture import with_channels


def picture_stack(values: Array, *, channels: int) -> NDArray[np.uint8]:
    """Pictures of one size as uint8 with the wanted channels.

    Accepted: (N, H, W), (N, H, W, 1 or 3), (N, 1 or 3, H, W); integers from 0 to 255, booleans, or floats that all lie
    in 0..1 (scaled by 255) or that are whole numbers in 0..255.

    Args:
        values: The pictures.
        channels: 1 or 3.

    Raises:
        InvalidInput: Another shape, another range, or values that are not finite.
    """
    levels = _to_levels(values)
    if levels.ndim == 3:
        levels = levels[..., np.newaxis]
    elif levels.ndim == 4 and levels.shape[-1] not in {1, 3} and levels.shape[1] in {1, 3}:
        levels = np.moveaxis(levels, 1, -1)
    if levels.ndim != 4 or levels.shape[-1] not in {1, 3} or 0 in levels.shape[1:]:
        raise InvalidInput(
            "pictures of shape (N, H, W), (N, H, W, 1 or 3) or (N, 1 or 3, H, W)",
            found=f"shape {values.shape}",
            remedy="Store grey or RGB pictures.",
        )
    if levels.shape[-1] == channels:
        return np.ascontiguousarray(levels)
    tall = levels.reshape(-1, levels.shape[2], levels.shape[3])
    if tall.size == 0:
        return np.zeros((*levels.shape[:3], channels), dtype=np.uint8)
    return with_channels(tall, channels).reshape(*levels.shape[:3], channels)


def stack_pictures(pictures: Sequence[NDArray[np.uint8]]) -> Array:
    """Pictures side by side: one array where all have one shape, else a ragged object array.

    Args:
        pictures: Each (height, width, channels) uint8.

    Returns:
        (N, H, W, C) uint8, or (N,) of such pictures.
    """
    shapes = {picture.shape for picture in pictures}
    if len(shapes) == 1:
        return np.stack(pictures)
    column = np.empty(len(pictures), dtype=object)
    for index, picture in enumerate(pictures):
        column[index] = picture
    return column


def _to_levels(values: Array) -> NDArray[np.uint8]:
    if values.dtype == np.uint8:
        return values.astype(np.uint8, copy=False)
    if values.dtype == np.bool_:
        return values.astype(np.uint8) * np.uint8(255)
    if values.dtype.kind not in "iuf" or values.size == 0:
        raise InvalidInput("numbers", found=f"{values.dtype} {values.shape}", remedy="Store grey levels as uint8.")
    numbers = values.astype(np.float64)
    low, high = float(numbers.min()), float(numbers.max())
    if np.isfinite(low) and np.isfinite(high) and low >= 0.0:
        if values.dtype.kind == "f" and high <= 1.0:
            return np.rint(numbers * 255.0).astype(np.uint8)
        if high <= 255.0 and bool(np.all(numbers == np.rint(numbers))):
            return numbers.astype(np.uint8)
    raise InvalidInput(
        "grey levels from 0 to 255, or shares from 0 to 1",
        found=f"{values.dtype} outside both",
        remedy="Scale the pictures to uint8 by a stated window; it is not guessed here.",
    )
