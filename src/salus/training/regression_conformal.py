"""Half-widths of intervals that hold the truth of new samples as often as promised."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from salus.contracts.errors import InvalidInput


def conformal_half_width(errors: NDArray[np.floating], *, coverage: float) -> float:
    """The ceil((n + 1) coverage)-th smallest absolute error of n samples that the model has not seen.

    An interval of that half-width holds a new sample's truth with a probability of at least `coverage`, if it comes
    from the same population (split conformal prediction; Vovk et al. 2005; Lei et al., JASA 113:1094-1111, 2018).

    Args:
        errors: (n,) truth less prediction, on the model's scale.
        coverage: Between 0 and 1.

    Raises:
        InvalidInput: Too few samples for that coverage.

    Example:
        >>> conformal_half_width(np.arange(-9.0, 10.0), coverage=0.9)
        9.0
    """
    sizes = np.sort(np.abs(errors))
    rank = math.ceil((len(sizes) + 1) * coverage)
    if rank > len(sizes):
        raise InvalidInput(
            f"at least {math.ceil(coverage / (1 - coverage) - 1e-9)} validation samples for a coverage of {coverage:g}",
            found=f"{len(sizes)}",
            remedy="Promise a lower coverage, or add samples.",
        )
    return float(sizes[rank - 1])
