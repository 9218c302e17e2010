"""From a table's columns to a matrix of features, inside the graph: the same in training and in serving."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from salus.contracts.batches import Batch
from salus.contracts.errors import InvalidInput
from salus.contracts.tensors import TensorSpec

SKEWED = 2.0
"""From this skewness on, a scalar that is never negative enters as ln(1 + x)."""


class TabularFeatures(nn.Module):
    """Scalars standardised, categories one-hot, missing values told by a column of their own.

    Made by `TabularFeatures.fit`. A scalar whose training values are skewed (third standardised moment above 2) and
    not negative is first taken as ln(1 + x), as is usual for counts of nodes and receptor levels. A missing value of
    an input that the model handles (`missing="model"`) becomes the training median (a category: no one-hot at all),
    and a column says so. Columns: scalars, one-hots, indicators.

    Args:
        inputs: Scalars and categories, in the order of the forward arguments.
        centre: (scalars,) training median, before scaling.
        mean: (scalars,) of the transformed, filled column.
        spread: (scalars,) its standard deviation; 1 where it is constant.
        skewed: (scalars,) which enter as ln(1 + x).
    """

    centre: Tensor
    mean: Tensor
    spread: Tensor
    skewed: Tensor

    def __init__(
        self,
        inputs: Sequence[TensorSpec],
        *,
        centre: NDArray[np.float32],
        mean: NDArray[np.float32],
        spread: NDArray[np.float32],
        skewed: NDArray[np.bool_],
    ) -> None:
        super().__init__()
        self._scalars = [i for i, spec in enumerate(inputs) if spec.content == "scalar"]
        self._categories = [(i, len(spec.categories)) for i, spec in enumerate(inputs) if spec.content == "category"]
        self._needed = [i for i, spec in enumerate(inputs) if spec.missing != "model"]
        self._told = [i for i, spec in enumerate(inputs) if spec.missing == "model"]
        for name, value in {"centre": centre, "mean": mean, "spread": spread, "skewed": skewed}.items():
            self.register_buffer(name, torch.from_numpy(np.ascontiguousarray(value)))
        self.names = tuple(
            [inputs[i].name for i in self._scalars]
            + [f"{inputs[i].name}={code}" for i, count in self._categories for code in range(count)]
            + [f"{inputs[i].name} missing" for i in self._told]
        )

    @classmethod
    def fit(cls, inputs: Sequence[TensorSpec], batch: Batch) -> TabularFeatures:
        """Learn medians, means and spreads.

        Args:
            inputs: Scalars and categories.
            batch: Training columns, (samples,) each.

        Raises:
            InvalidInput: An input is neither scalar nor category, or has no value at all.
        """
        others = [spec.name for spec in inputs if spec.content not in {"scalar", "category"}]
        if others or not inputs:
            raise InvalidInput(
                "scalar and category inputs", found=", ".join(others) or "none", remedy="Choose another estimator."
            )
        columns = [np.asarray(batch[spec.name], dtype=np.float64) for spec in inputs]
        empty = [spec.name for spec, column in zip(inputs, columns, strict=True) if np.isnan(column).all()]
        if empty:
            raise InvalidInput(
                "training values of every input", found=f"none of {', '.join(empty)}", remedy="Leave the input out."
            )
        scalars = [c for spec, c in zip(inputs, columns, strict=True) if spec.content == "scalar"]
        learnt = np.array([_learn(column) for column in scalars]).reshape(-1, 4)
        centre, mean, spread, skewed = learnt.T
        return cls(
            inputs,
            centre=centre.astype(np.float32),
            mean=mean.astype(np.float32),
            spread=spread.astype(np.float32),
            skewed=skewed > 0,
        )

    def forward(self, *columns: Tensor) -> tuple[Tensor, Tensor]:
        """Make the matrix.

        Args:
            columns: (samples,) each, in the order of the inputs; NaN is missing.

        Returns:
            Features, FP32 (samples, features), without NaN but where a value is infinite; and (samples,) whether
            every value that the model needs is there.
        """
        floats = [column.to(torch.float32) for column in columns]
        parts = []
        if self._scalars:
            scalars = torch.stack([floats[i] for i in self._scalars], dim=1)
            filled = torch.where(torch.isnan(scalars), self.centre, scalars)
            logarithm = torch.log(1.0 + torch.clamp(filled, min=0.0))
            parts.append((torch.where(self.skewed, logarithm, filled) - self.mean) / self.spread)
        for i, count in self._categories:
            codes = torch.arange(count, dtype=torch.float32, device=floats[i].device)
            parts.append((floats[i].unsqueeze(1) == codes).to(torch.float32))
        if self._told:
            parts.append(torch.stack([torch.isnan(floats[i]).to(torch.float32) for i in self._told], dim=1))
        usable = torch.ones_like(floats[0], dtype=torch.bool)
        for i in self._needed:
            usable = usable & torch.logical_not(torch.isnan(floats[i]))
        return torch.cat(parts, dim=1), usable

    def matrix(self, batch: Batch, inputs: Sequence[TensorSpec]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """`forward` for NumPy columns by name."""
        with torch.inference_mode():
            features, usable = self(*(torch.from_numpy(np.asarray(batch[spec.name])) for spec in inputs))
        return features.numpy(), usable.numpy()


def _learn(column: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Median; mean and spread after filling and transforming; 1 where the logarithm is taken."""
    present = column[~np.isnan(column)]
    deviation = present - present.mean()
    variance = float((deviation**2).mean())
    skewness = float((deviation**3).mean()) / variance**1.5 if variance > 0 else 0.0
    skewed = skewness > SKEWED and present.min() >= 0 and len(np.unique(present)) > 2
    centre = float(np.median(present))
    filled = np.where(np.isnan(column), centre, column)
    transformed = np.log1p(filled) if skewed else filled
    spread = float(transformed.std())
    return centre, float(transformed.mean()), spread if spread > 0 else 1.0, float(skewed)
