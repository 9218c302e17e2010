"""From stored values to what a screen shows: the grey-scale pipeline of PS3.3 C.11 and PS3.4 N.2.

    stored values -> modality LUT (C.11.1) -> values of interest LUT (C.11.2) -> 0..1 -> presentation

Pure functions over arrays; `pixels` finds their parameters in a data set.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

WindowFunction = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Window:
    """A window of interest.

    Attributes:
        centre: In the unit of the modality LUT's output (Hounsfield units for CT).
        width: In the same unit. At least 1 for LINEAR, above 0 for the others.
        function: How values between the edges are spread.
    """

    centre: float
    width: float
    function: WindowFunction = "LINEAR"

    def __post_init__(self) -> None:
        least_excluded = 1.0 if self.function == "LINEAR" else 0.0
        valid = self.width >= 1.0 if self.function == "LINEAR" else self.width > 0.0
        if not (valid and np.isfinite(self.centre) and np.isfinite(self.width)):
            raise ValueError(f"expected a finite width above or at {least_excluded} for {self.function}")


@dataclass(frozen=True)
class LookUpTable:
    """A look-up table (PS3.3 C.11.1.1.1): values below `first` map to the first entry, those above to the last.

    Attributes:
        first: The stored value that the first entry maps.
        entries: (entries,) the mapped values.
        bits: Bits of an entry; its largest possible value is `2**bits - 1`.
    """

    first: int
    entries: NDArray[np.uint16]
    bits: int


def rescale(stored: NDArray[np.generic], slope: float, intercept: float) -> Floats:
    """`stored * slope + intercept` (PS3.3 C.11.1.1.2), the linear form of the modality LUT."""
    scaled: Floats = stored.astype(np.float64) * slope + intercept
    return scaled


def look_up(values: NDArray[np.generic], table: LookUpTable) -> Floats:
    """Each value's entry of `table`; fractions are rounded first."""
    positions = np.clip(np.rint(values.astype(np.float64)) - table.first, 0, len(table.entries) - 1)
    entries: Floats = table.entries.astype(np.float64)[positions.astype(np.intp)]
    return entries


def apply_window(values: Floats, window: Window) -> Floats:
    """Values of interest spread over 0..1.

    LINEAR (C.11.2.1.2.1) with centre c and width w: 0 for x <= c - 0.5 - (w-1)/2, 1 for x > c - 0.5 + (w-1)/2, else
    (x - (c - 0.5)) / (w-1) + 0.5. LINEAR_EXACT (C.11.2.1.3.2): (x - c) / w + 0.5, clipped. SIGMOID (C.11.2.1.3.1):
    1 / (1 + exp(-4 (x - c) / w)).

    Args:
        values: Any shape, in the window's unit.
        window: Where to look.

    Returns:
        The same shape, from 0 to 1.
    """
    if window.function == "SIGMOID":
        exponent = np.clip(-4.0 * (values - window.centre) / window.width, -700.0, 700.0)
        return np.asarray(1.0 / (1.0 + np.exp(exponent)))
    exact = window.function == "LINEAR_EXACT"
    centre = window.centre if exact else window.centre - 0.5
    width = window.width if exact else window.width - 1.0
    if width == 0.0:
        return (values > centre).astype(np.float64)
    return np.clip((values - centre) / width + 0.5, 0.0, 1.0)


def stretch(values: Floats, low: float, high: float) -> Floats:
    """`values` from `low` to `high` spread over 0..1 and clipped; 0 everywhere where `low` equals `high`."""
    if high <= low:
        return np.zeros_like(values)
    return np.clip((values - low) / (high - low), 0.0, 1.0)


def display_levels(shares: Floats, *, inverted: bool, background: NDArray[np.bool_] | None) -> NDArray[np.uint8]:
    """Shares of full brightness to grey levels.

    Args:
        shares: (rows, columns) from 0 to 1.
        inverted: True for MONOCHROME1, whose smallest value is shown white.
        background: (rows, columns) True where there is no picture (padding); shown black.

    Returns:
        (rows, columns, 1) uint8.
    """
    levels = np.rint((1.0 - shares if inverted else shares) * 255.0)
    if background is not None:
        levels = np.where(background, 0.0, levels)
    return levels.astype(np.uint8)[:, :, np.newaxis]
