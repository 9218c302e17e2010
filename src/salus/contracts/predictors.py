"""The model: something fitted, or something that needs no fitting, that answers batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np

from salus.contracts.batches import Batch
from salus.contracts.datasets import Split
from salus.contracts.progress import Progress, Silence

Json = None | bool | int | float | str | list[Any] | dict[str, Any]
"""A value that JSON can write."""


@runtime_checkable
class Predictor(Protocol):
    """Answers a rectangular batch. Pure: the same batch gives the same answer, sample by sample.

    A classifier as an estimator returns it answers `logits`, FP32 (samples, classes), not yet calibrated; where it can
    show where it looked `evidence`, FP32 (samples, classes, height, width); where it tells the risk over time
    `course_logits`, FP32 (samples, times, classes). A predictor for another kind of question answers the served
    outputs themselves, intervals included: `survival_outputs`, `treatment_outputs`, `regression_outputs`.
    """

    def predict(self, batch: Batch) -> Batch:
        """The outputs for `batch`, by name; axis 0 counts the same samples."""
        ...


@dataclass(frozen=True)
class GraphSource:
    """A predictor's inside, for those who translate it to a portable graph.

    Attributes:
        framework: `torch`: `model` is a torch module whose forward takes the signature's inputs in order and
            returns the tensors named by `outputs` (one tensor, or a tuple). `sklearn`: `model` is a fitted
            classifier (or pipeline, or LightGBM classifier) over a (samples, features) matrix, the features being
            the signature's scalar inputs in order.
        model: The object itself.
        outputs: Names of the outputs; of a classifier `logits` first.
    """

    framework: Literal["torch", "sklearn"]
    model: object
    outputs: tuple[str, ...] = ("logits",)


@runtime_checkable
class Exportable(Protocol):
    """A predictor that can be translated."""

    def graph_source(self) -> GraphSource:
        """The inside."""
        ...


class Tracker(Protocol):
    """Where a training run writes what happened."""

    def parameters(self, values: Mapping[str, Json]) -> None:
        """Record the recipe, once, at the start."""

    def measures(self, step: int, values: Mapping[str, float]) -> None:
        """Record figures at `step` (an epoch)."""


class NoTracker:
    """A tracker that keeps nothing.

    Example:
        >>> NoTracker().measures(1, {"loss": 0.5})
    """

    def parameters(self, values: Mapping[str, Json]) -> None:
        """Keep nothing."""

    def measures(self, step: int, values: Mapping[str, float]) -> None:
        """Keep nothing."""


@dataclass(frozen=True)
class FitOptions:
    """What the person who starts a fit may decide.

    Attributes:
        epochs: Passes over the training part; None leaves it to the recipe.
        device: `cpu`, `cuda`, or `auto` (a GPU where there is one).
        hyperparameters: Overrides of the recipe's own, by name; an unknown name is refused.
        checkpoint_dir: Where to keep checkpoints, and to resume from; None keeps none.
        progress: Told about each epoch.
        tracker: Told the recipe and the figures of each epoch.
    """

    epochs: int | None = None
    device: Literal["auto", "cpu", "cuda"] = "auto"
    hyperparameters: Mapping[str, Json] = field(default_factory=dict)
    checkpoint_dir: Path | None = None
    progress: Progress = field(default_factory=Silence)
    tracker: Tracker = field(default_factory=NoTracker)


class Estimator(Protocol):
    """Learns. `fit` returns the fitted thing, so nothing is ever unfitted."""

    @property
    def recipe(self) -> Mapping[str, Json]:
        """Everything that decides the result beside data and seed; goes into the package's lineage."""
        ...

    def fit(self, train: Split, validation: Split, *, rng: np.random.Generator) -> Predictor:
        """Learn from `train`, choose by `validation`; all chance comes from `rng`."""
        ...


EstimatorFactory = Callable[[FitOptions], Estimator]
