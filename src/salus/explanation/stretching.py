"""A heatmap on its picture's grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salus.contracts.errors import InvalidInput


def stretch(heatmap: NDArray[np.floating], height: int, width: int) -> NDArray[np.float32]:
    """`heatmap` (h, w) stretched bilinearly over (height, width), cell middles on cell middles, flat at the border.

    Raises:
        InvalidInput: The heatmap is not a plane, or a side is empty.

    Example:
        >>> stretch(np.array([[0.0, 1.0]]), 1, 4)
        array([[0.  , 0.25, 0.75, 1.  ]], dtype=float32)
    """
    if heatmap.ndim != 2 or not heatmap.size or height < 1 or width < 1:
        raise InvalidInput(
            "a heatmap (height, width) and a picture with pixels",
            found=f"shape {heatmap.shape} for a picture of {height} x {width}",
            remedy="Stretch the heatmap of one class of one sample.",
        )
    rows, columns = _weights(heatmap.shape[0], height), _weights(heatmap.shape[1], width)
    stretched: NDArray[np.float32] = (rows @ heatmap.astype(np.float64) @ columns.T).astype(np.float32)
    return stretched


def _weights(cells: int, length: int) -> NDArray[np.float64]:
    """(length, cells): how much of each cell each pixel takes."""
    place = np.clip((np.arange(length) + 0.5) * cells / length - 0.5, 0, cells - 1)
    low = np.floor(place).astype(np.intp)
    high = np.minimum(low + 1, cells - 1)
    weights = np.zeros((length, cells))
    np.add.at(weights, (np.arange(length), low), 1 - (place - low))
    np.add.at(weights, (np.arange(length), high), place - low)
    return weights
