"""A part of a data set as survival training sees it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from salus.contracts.batches import Array
from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.tensors import TensorSpec
from salus.training.survival_risk_sets import Floats, RiskSets

_BLOCK = 512


@dataclass(frozen=True)
class SurvivalPart:
    """N subjects, encoded.

    Attributes:
        rows: What the members take: FP32 (N, ...), NaN where missing.
        time: (N,) of the event or of censoring.
        event: (N,) True where the event was observed.
        subjects: (N,) index of the person of each.
        categories: Number of categories of each column of `rows`; 0 for a number.
    """

    rows: NDArray[np.float32]
    time: Floats
    event: NDArray[np.bool_]
    subjects: NDArray[np.intp]
    categories: tuple[int, ...]

    def __len__(self) -> int:
        return int(self.time.size)

    @property
    def risk_sets(self) -> RiskSets:
        """The order of their times."""
        return RiskSets(self.time, self.event)


def read_part(
    split: Split, inputs: tuple[TensorSpec, ...], encoder: nn.Module, *, categories: tuple[int, ...]
) -> SurvivalPart:
    """Encode a part. A sample with a missing value that the model does not handle is left out.

    Raises:
        InvalidInput: Times are missing or negative, or nothing is left.
    """
    time = split.targets.get("time")
    if time is None or not len(split) or not (np.isfinite(time).all() and bool((time >= 0).all())):
        raise InvalidInput(
            "a time of 0 or more for every one of at least one sample",
            found="none" if time is None else f"{int(np.sum(~(time >= 0)))} others among {time.size}",
            remedy="Leave out subjects without follow-up.",
        )
    usable = np.ones(len(split), dtype=np.bool_)
    for spec in inputs:
        if spec.content != "events" and spec.missing != "model":
            usable &= ~np.isnan(split.inputs[spec.name].astype(np.float32))
    kept = np.flatnonzero(usable)
    if not kept.size:
        raise InvalidInput("samples without missing values", found="none", remedy="Fill in the inputs.")
    return SurvivalPart(
        rows=_encode(split.take(kept), inputs, encoder),
        time=time[kept].astype(np.float64),
        event=split.labels[kept] == 1,
        subjects=np.unique(split.subjects[kept], return_inverse=True)[1],
        categories=categories,
    )


def pad_events(events: Array) -> NDArray[np.float32]:
    """Ragged events (samples,) of (observations, 3) as one array, short ones padded with rows of NaN."""
    longest = max(1, max((len(rows) for rows in events), default=1))
    padded = np.full((len(events), longest, 3), np.nan, dtype=np.float32)
    for sample, rows in enumerate(events):
        padded[sample, : len(rows)] = rows
    return padded


def _encode(split: Split, inputs: tuple[TensorSpec, ...], encoder: nn.Module) -> NDArray[np.float32]:
    """In blocks of similar length, so that padding stays short."""
    columns = [split.inputs[spec.name] for spec in inputs]
    ragged = next((column for column in columns if column.dtype == object), None)
    order = np.arange(len(split)) if ragged is None else np.argsort([len(rows) for rows in ragged], kind="stable")
    blocks = []
    with torch.inference_mode():
        for start in range(0, len(split), _BLOCK):
            chosen = order[start : start + _BLOCK]
            arrays = [pad_events(c[chosen]) if c.dtype == object else c[chosen].astype(np.float32) for c in columns]
            blocks.append(encoder(*(torch.from_numpy(np.ascontiguousarray(array)) for array in arrays)).numpy())
    rows = np.concatenate(blocks)
    back = np.empty_like(rows)
    back[order] = rows
    return back


def bootstrap_weights(part: SurvivalPart, refits: int, rng: np.random.Generator) -> Floats:
    """Weights of the Bayesian bootstrap (Rubin, Annals of Statistics 9:130-134, 1981): (refits, N), of mean 1.

    A person's samples share one weight.
    """
    people = int(part.subjects.max()) + 1
    drawn = rng.exponential(size=(refits, people))[:, part.subjects]
    weights: Floats = drawn / drawn.mean(axis=1, keepdims=True)
    return weights
