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
        amount: What it added to the explained output, beside the base value.
    """

    name: str
    value: float | None
    amount: float


@dataclass(frozen=True)
class HeatStrip:
    """What each variable added in each stretch of time.

    Attributes:
        input: The events input that is explained.
        edges: (steps + 1,) ends of the stretches, ascending, in the input's unit.
        variables: Names of the rows, the most decisive first.
        amounts: (variables, steps) FP32, signed, in the unit of the explained output; NaN where nothing was observed.
    """

    input: str
    edges: tuple[float, ...]
    variables: tuple[str, ...]
    amounts: NDArray[np.float32]


@dataclass(frozen=True)
class Attribution:
    """The explanation of one sample.

    Attributes:
        target: Index of the class or option that is explained; 0 where there is one output.
        heatmap: (height, width) FP32 from 0 (no evidence) to 1 (strongest), on the grid of the network's features;
            to be stretched over the picture. None for tables.
        contributions: Strongest first; empty for pictures. An events input counts as one, beside its strip.
        base: Output at the reference; base + all amounts = `output`. None for pictures.
        output: The explained output, by the kind of the question: the target's log-odds, the prognostic score, the
            target's effect, the value. None for pictures.
        strip: For events, which variable decided when.
    """

    target: int
    heatmap: NDArray[np.float32] | None = None
    contributions: tuple[Contribution, ...] = ()
    base: float | None = None
    output: float | None = None
    strip: HeatStrip | None = None


class Explainer(Protocol):
    """Explains any predictor that answers what it needs."""

    @property
    def method(self) -> str:
        """The method's name in the field's words, with its paper."""
        ...

    def explain(self, predictor: Predictor, batch: Batch, *, targets: NDArray[np.int64]) -> tuple[Attribution, ...]:
        """One attribution per sample.

        Args:
            predictor: Answers the served outputs (`logits` and, for pictures, `evidence`; `score`; `effect`; `value`).
            batch: Rectangular; the samples to explain.
            targets: (samples,) the class or option to explain of each; 0 where there is one output.
        """
        ...
