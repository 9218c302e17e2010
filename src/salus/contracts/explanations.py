"""Why an answer came out as it did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Batch
from salus.contracts.predictors import Predictor


@dataclass(frozen=True)
class Contribution:
    """What one input added to the output.

    Attributes:
        name: The input's name.
        value: The sample's value of it, in the input's unit; None where it was missing.
        amount: What it added to the finding's log-odds, beside the base value.
    """

    name: str
    value: float | None
    amount: float


@dataclass(frozen=True)
class Attribution:
    """The explanation of one sample.

    Attributes:
        target: Index of the class that is explained.
        heatmap: (height, width) FP32 from 0 (no evidence) to 1 (strongest), on the grid of the network's features;
            to be stretched over the picture. None for tables.
        contributions: Strongest first; empty for pictures.
        base: Output (log-odds) at the reference; base + all amounts = `output`. None for pictures.
        output: The explained output (log-odds of the target). None for pictures.
    """

    target: int
    heatmap: NDArray[np.float32] | None = None
    contributions: tuple[Contribution, ...] = ()
    base: float | None = None
    output: float | None = None


class Explainer(Protocol):
    """Explains any predictor that answers what it needs."""

    @property
    def method(self) -> str:
        """The method's name in the field's words, with its paper."""
        ...

    def explain(self, predictor: Predictor, batch: Batch, *, targets: NDArray[np.int64]) -> tuple[Attribution, ...]:
        """One attribution per sample.

        Args:
            predictor: Answers the served outputs (`logits` and, for pictures, `evidence`).
            batch: Rectangular; the samples to explain.
            targets: (samples,) the class to explain of each.
        """
        ...
