"""How good a model is, with intervals."""

from __future__ import annotations

from typing import Literal

import msgspec


class Interval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A two-sided interval. `level` is its confidence, from 0 to 1."""

    low: float
    high: float
    level: float = 0.95


class Measure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One figure.

    Attributes:
        name: `auroc`, `auprc`, `accuracy`, `sensitivity`, `specificity`, `ppv`, `npv`, `f1`, `brier`, `ece`,
            `coverage`, `augrc`, …; for time to event `c_index`, `ibs`, …; for numbers `mae`, …
        value: The point estimate; None where it is not defined (one class only), never a stand-in.
        interval: Its bootstrap interval; None where the point is None.
        subgroup: `name=value`, or None for all samples.
        samples: How many samples it rests on.
    """

    name: str
    value: float | None
    interval: Interval | None
    samples: int
    subgroup: str | None = None


class Curve(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line to draw: `roc`, `pr`, `reliability`, `risk_coverage`, … `x` and `y` have the same length."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]


class EvaluationReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How good a model is on one part of a data set.

    Attributes:
        part: `validation`, `test`, or the name of a data set from elsewhere.
        samples: How many samples.
        classes: The classes' names, in order; empty for other questions than a classification.
        threshold: The probability of the finding from which it is called, for two classes; None else.
        measures: All figures; those without a subgroup first.
        curves: For pictures.
        confusion: Rows: truth; columns: decision; in the order of `classes`.
    """

    part: str
    samples: int
    measures: tuple[Measure, ...]
    classes: tuple[str, ...] = ()
    threshold: float | None = None
    curves: tuple[Curve, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()

    def measure(self, name: str, subgroup: str | None = None) -> Measure | None:
        """The figure called `name`, or None."""
        return next((m for m in self.measures if m.name == name and m.subgroup == subgroup), None)


class Calibration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From logits to probabilities that mean what they say, fitted on validation data.

    Bias-corrected temperature scaling (Alexandari, Kundaje, Shrikumar, ICML 2020):
    `p = softmax(logits / temperature + bias)`. `ensemble` holds the same fit on bootstrap resamples of the validation
    part; its spread is the interval of a single probability (uncertainty of the calibration alone).

    Attributes:
        temperature: Above 0.
        bias: One per class.
        threshold: Two classes: the finding is called from this probability on. Else None.
        threshold_rule: How the threshold was chosen, in words of the field: `youden`, `sensitivity>=0.95`.
        conformal_quantile: The classes with `p >= 1 - conformal_quantile` form the prediction set
            (split conformal prediction; Vovk 2005; Angelopoulos and Bates, arXiv 2107.07511).
        coverage: The coverage that the sets promise, from 0 to 1.
        ensemble: Rows of `(temperature, bias of class 0, bias of class 1, …)`.
    """

    temperature: float
    bias: tuple[float, ...]
    threshold: float | None
    threshold_rule: str | None
    conformal_quantile: float
    coverage: float
    ensemble: tuple[tuple[float, ...], ...]


class UnmetGoal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A goal that the gate found unmet, in words of measure, bound found and bound asked."""

    measure: str
    asked: str
    found: str


VariantName = Literal["float32", "int8", "pruned", "student", "solver"]
