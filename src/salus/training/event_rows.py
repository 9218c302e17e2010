"""What the estimators of observations in time learn from: padded batches, shortened stays, rows of features."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from salus.contracts.batches import Array
from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.tensors import TensorSpec
from salus.networks.event_classifier import StaticFeatures
from salus.networks.event_scaling import EventScaling
from salus.networks.event_summary import EventSummary

_MOST = 64


@dataclass(frozen=True)
class Stays:
    """A part of a data set as these estimators take it.

    Attributes:
        statics: FP32 (samples, descriptors) of StaticFeatures.
        events: Of each sample FP32 (observations, 3).
        labels: (samples,) 0 or 1.
    """

    statics: Tensor
    events: tuple[NDArray[np.float32], ...]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.events)

    def take(self, indices: Sequence[int] | NDArray[np.integer]) -> Stays:
        """The samples at `indices`, in that order."""
        chosen = np.asarray(indices, dtype=np.intp)
        return Stays(self.statics[torch.from_numpy(chosen)], tuple(self.events[i] for i in chosen), self.labels[chosen])

    def shortened(self, times: NDArray[np.floating]) -> Stays:
        """Each sample with its observations up to its own of `times`, (samples,), alone."""
        cut = tuple(rows[rows[:, 0] <= time] for rows, time in zip(self.events, times, strict=True))
        return Stays(self.statics, cut, self.labels)


def read_stays(split: Split, inputs: tuple[TensorSpec, ...]) -> Stays:
    """A part, without the samples that the service will not judge: fewer observations than the signature's fewest.

    Args:
        split: Scalars and observations by name; observations ragged or padded by rows of NaN.
        inputs: The signature's; observations last.

    Raises:
        InvalidInput: An input is missing, or a label is neither 0 nor 1.
    """
    *scalars, spec = inputs
    absent = [other.name for other in inputs if other.name not in split.inputs]
    if absent or not np.isin(split.labels, (0, 1)).all():
        raise InvalidInput(
            "every input of the signature, and labels 0 and 1",
            found=f"none of {', '.join(absent)}" if absent else "other labels",
            remedy="Check the data set's reader.",
        )
    columns = [torch.from_numpy(np.asarray(split.inputs[other.name], dtype=np.float32)) for other in scalars]
    statics: Tensor = static_features(inputs)(*columns)
    rows = [np.asarray(element, dtype=np.float32).reshape(-1, 3) for element in split.inputs[spec.name]]
    events = tuple(np.ascontiguousarray(row[~np.isnan(row).any(axis=1)]) for row in rows)
    enough = np.flatnonzero([len(row) >= max(spec.fewest, 1) for row in events])
    return Stays(statics, events, split.labels).take(enough)


def static_features(inputs: tuple[TensorSpec, ...]) -> StaticFeatures:
    """The module for the signature's scalars."""
    return StaticFeatures([len(spec.categories) for spec in inputs[:-1]])


def pad(events: Sequence[NDArray[np.float32]]) -> Tensor:
    """Observations side by side, FP32 (samples, most observations, 3); rows of NaN pad."""
    longest = max(1, *(len(rows) for rows in events))
    padded: Array = np.full((len(events), longest, 3), np.nan, dtype=np.float32)
    for place, rows in enumerate(events):
        padded[place, : len(rows)] = rows
    return torch.from_numpy(padded)


def batches_by_length(stays: Stays, *, most: int = _MOST) -> Iterator[tuple[NDArray[np.intp], Tensor]]:
    """All samples, those with about the same number of observations together: indices and padded observations."""
    order = np.argsort([len(rows) for rows in stays.events], kind="stable")
    for start in range(0, len(order), most):
        chosen = order[start : start + most]
        yield chosen, pad([stays.events[i] for i in chosen])


def summary_rows(stays: Stays, summary: EventSummary) -> NDArray[np.float32]:
    """(samples, descriptors + summary): what FeatureRisk hands to its model of rows."""
    rows = np.empty((len(stays), stays.statics.shape[1] + summary.width), dtype=np.float32)
    with torch.inference_mode():
        for chosen, events in batches_by_length(stays):
            rows[chosen] = torch.cat([stays.statics[torch.from_numpy(chosen)], summary(events)], dim=1).numpy()
    return rows


def shortening_times(stays: Stays, rng: np.random.Generator, *, earliest: float) -> NDArray[np.float64]:
    """(samples,) a time in each stay from which on nothing is known, drawn evenly from `earliest` to its last."""
    last = np.array([float(rows[:, 0].max(initial=0.0)) for rows in stays.events])
    return earliest + rng.random(len(stays)) * np.maximum(last - earliest, 0.0)


def fit_scaling(stays: Stays, variables: int) -> EventScaling:
    """Median and interquartile range / 1.35 of each variable's values; 0 and 1 of one that was never observed."""
    pooled = np.concatenate(stays.events)
    centre, spread = np.zeros(variables), np.ones(variables)
    for index in range(variables):
        values = pooled[pooled[:, 1] == index, 2]
        if len(values):
            low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
            centre[index] = middle
            spread[index] = max((high - low) / 1.35, 0.05 * abs(middle), 1e-3)
    return EventScaling(torch.from_numpy(centre), torch.from_numpy(spread))


def static_moments(stays: Stays) -> tuple[Tensor, Tensor]:
    """Mean and deviation of each descriptor where it is known; 0 and 1 where it never is."""
    known = torch.logical_not(torch.isnan(stays.statics))
    count = known.sum(dim=0).clamp(min=1)
    mean = torch.nansum(stays.statics, dim=0) / count
    square = torch.nansum((stays.statics - mean) ** 2, dim=0) / count
    deviation = square.sqrt()
    return mean, torch.where(deviation > 1e-6, deviation, torch.ones_like(deviation))
