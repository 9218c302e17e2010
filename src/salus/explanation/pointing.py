"""Whether heatmaps point at known lesions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from salus.contracts.errors import InvalidInput
from salus.explanation.stretching import stretch


def pointing_game(
    heatmaps: Sequence[NDArray[np.floating]], masks: Sequence[NDArray[np.bool_]], *, tolerance_px: float = 0.0
) -> float:
    """The share of pictures whose strongest evidence lies in the lesion (Zhang et al., IJCV 126:1084-1102, 2018).

    Each heatmap is stretched bilinearly over its mask's grid. Its maximum, the first in reading order of equal ones, is
    a hit where the mask is true within `tolerance_px` of it. A heatmap of zeros points nowhere and is a miss.

    Args:
        heatmaps: (h, w) each.
        masks: (height, width) each, true on the lesion; one per heatmap, each with a lesion.
        tolerance_px: Largest distance from the lesion, in pixels of the mask.

    Raises:
        InvalidInput: The counts differ, there is no picture, or a mask is empty.
    """
    if len(heatmaps) != len(masks) or not masks or not all(mask.any() for mask in masks):
        raise InvalidInput(
            "one mask with a lesion for each heatmap, at least one",
            found=f"{len(heatmaps)} heatmaps and {len(masks)} masks, {sum(not m.any() for m in masks)} of them empty",
            remedy="Play the game on pictures with lesions only.",
        )
    hits = [_hits(heatmap, mask, tolerance_px) for heatmap, mask in zip(heatmaps, masks, strict=True)]
    return float(np.mean(hits))


def _hits(heatmap: NDArray[np.floating], mask: NDArray[np.bool_], tolerance_px: float) -> bool:
    values = stretch(heatmap, *mask.shape)
    if not values.max() > 0:
        return False
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    lesion = np.argwhere(mask)
    distance = np.hypot(lesion[:, 0] - row, lesion[:, 1] - column).min()
    return bool(distance <= tolerance_px)
