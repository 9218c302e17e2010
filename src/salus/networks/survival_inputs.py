"""From a table's columns to what a survival model takes, inside the graph."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

_SKEWED = 2.0
_MOST_SPREAD = 6.0


class ColumnRows(nn.Module):
    """Columns (samples,) side by side as rows (samples, columns), FP32."""

    def forward(self, *columns: Tensor) -> Tensor:
        """Rows; NaN stays NaN."""
        return torch.stack([column.to(torch.float32) for column in columns], dim=1)


class Preparation(nn.Module):
    """Rows with missing values to standardised rows without.

    A column of categories becomes one column a category but the most frequent. Of the others, where asked, those that
    are not negative and very skewed (above 2) become ln(1 + x). Missing values take the median; a column that had any
    in training gets one more that says so. All are less the training mean, divided by the deviation, and held within
    6 deviations where asked. Made by `Preparation.fit`.

    Args:
        source: (columns,) which input column each is made from.
        category: (columns,) the category that the column stands for; NaN for a number.
        logarithm: (columns,) whether ln(1 + x) is taken.
        fill: (columns,) what a missing value takes, before the logarithm.
        missing: (columns,) whether the column says that the value is missing.
        mean: (columns,).
        deviation: (columns,) above 0.
        bounded: Whether values are held within 6 deviations.
    """

    source: Tensor
    category: Tensor
    logarithm: Tensor
    fill: Tensor
    missing: Tensor
    mean: Tensor
    deviation: Tensor

    def __init__(
        self,
        *,
        source: Sequence[int],
        category: Sequence[float],
        logarithm: Sequence[bool],
        fill: Sequence[float],
        missing: Sequence[bool],
        mean: Sequence[float],
        deviation: Sequence[float],
        bounded: bool,
    ) -> None:
        super().__init__()
        self.bounded = bounded
        self.register_buffer("source", torch.tensor(source, dtype=torch.int64))
        self.register_buffer("category", torch.tensor(category, dtype=torch.float32))
        self.register_buffer("logarithm", torch.tensor(logarithm))
        self.register_buffer("fill", torch.tensor(fill, dtype=torch.float32))
        self.register_buffer("missing", torch.tensor(missing))
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32))
        self.register_buffer("deviation", torch.tensor(deviation, dtype=torch.float32))

    @property
    def width(self) -> int:
        """Columns of the result."""
        return int(self.source.shape[0])

    def forward(self, rows: Tensor) -> Tensor:
        """FP32 (samples, inputs), NaN where missing, to FP32 (samples, `width`)."""
        x = rows.index_select(1, self.source)
        absent = torch.isnan(x)
        x = torch.where(absent, self.fill, x)
        x = torch.where(self.logarithm, torch.log(1 + x.clamp(min=0)), x)
        one_of = (x == self.category).to(torch.float32)
        x = torch.where(torch.isnan(self.category), x, one_of)
        x = torch.where(self.missing, absent.to(torch.float32), x)
        x = (x - self.mean) / self.deviation
        return x.clamp(-_MOST_SPREAD, _MOST_SPREAD) if self.bounded else x

    @classmethod
    def fit(
        cls, rows: NDArray[np.float32], *, categories: Sequence[int], logarithms: bool, bounded: bool
    ) -> Preparation:
        """From the training part's rows.

        Args:
            rows: (samples, columns), NaN where missing.
            categories: Number of categories of each column; 0 for a number. Two count as a number.
            logarithms: Whether skewed columns become ln(1 + x).
            bounded: Whether values are held within 6 deviations of the mean.
        """
        made: list[tuple[int, float, bool, float, bool]] = []
        for column, kinds in enumerate(categories):
            values = rows[:, column].astype(np.float64)
            seen = values[~np.isnan(values)]
            fill = float(np.median(seen)) if seen.size else 0.0
            if kinds > 2:
                counts = np.bincount(seen.astype(np.int64), minlength=kinds)
                usual = int(counts.argmax())
                made += [
                    (column, float(kind), False, float(usual), False)
                    for kind in range(kinds)
                    if kind != usual and counts[kind]
                ]
            else:
                made.append((column, float("nan"), logarithms and _is_skewed(seen), fill, False))
            if seen.size < values.size:
                made.append((column, float("nan"), False, fill, True))
        source, category, logarithm, fills, missing = (list(part) for part in zip(*made, strict=True))
        blank = cls(
            source=source,
            category=category,
            logarithm=logarithm,
            fill=fills,
            missing=missing,
            mean=[0.0] * len(made),
            deviation=[1.0] * len(made),
            bounded=False,
        )
        plain = blank(torch.from_numpy(rows)).to(torch.float64)
        blank.mean = plain.mean(dim=0).to(torch.float32)
        spread = plain.std(dim=0, unbiased=False)
        blank.deviation = torch.where(spread > 1e-9, spread, torch.ones_like(spread)).to(torch.float32)
        blank.bounded = bounded
        return blank


def _is_skewed(values: NDArray[np.float64]) -> bool:
    if values.size < 3 or values.min() < 0 or values.std() == 0:
        return False
    return float((((values - values.mean()) / values.std()) ** 3).mean()) > _SKEWED
