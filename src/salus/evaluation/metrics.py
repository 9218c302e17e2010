"""Every measure of a classifier by name: how it is prepared for samples, and its value.

With two classes the second is the finding ("positive"). A measure that is not defined for the samples (one class
only, nothing called) is None, never a stand-in. Names, ranges and the better direction:

| name | two classes | more classes | range | better |
|---|---|---|---|---|
| `accuracy` | share of right decisions | same | 0-1 | up |
| `balanced_accuracy` | mean recall of the classes | same | 0-1 | up |
| `sensitivity`, `specificity` | recall of the finding, of its absence | - | 0-1 | up |
| `ppv`, `npv` | share of right calls of the finding, of its absence | - | 0-1 | up |
| `f1` | harmonic mean of ppv and sensitivity | mean over classes | 0-1 | up |
| `auroc`, `auprc` | by the finding's probability | mean of one class against the rest | 0-1 | up |
| `brier` | mean (p - y)^2 of the finding | summed over classes (0-2) | 0-1 | down |
| `log_loss` | mean -ln p(true class), p at least 1e-15 | same | 0-34.5 | down |
| `ece` | of the finding's probability | of the largest probability | 0-1 | down |
| `aurc`, `augrc` | see `abstention` | same | 0-1, 0-0.5 | down |
| `selective_accuracy_80` | accuracy of the 80 % most confident | same | 0-1 | up |
| `coverage` | share of prediction sets that hold the truth | same | 0-1 | near the promise |
| `set_size` | mean number of classes in a set | same | 0-K | down |
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from salus.contracts.errors import InvalidInput, NotFound
from salus.evaluation import abstention
from salus.evaluation.answers import Answers
from salus.evaluation.weighted import (
    Floats,
    Prepared,
    area_under_roc,
    average_precision,
    calibration_error,
    confusion_of,
    divide,
    mean_of,
)

ECE_BINS = 15
"""Equal-mass bins of the expected calibration error; fewer where a bin would hold under 10 samples."""

MeasureFactory = Callable[[Answers], Prepared]


def list_measures(answers: Answers) -> tuple[str, ...]:
    """Names of the measures that apply to such answers."""
    names = tuple(_MEASURES) if answers.classes == 2 else tuple(n for n in _MEASURES if n not in _TWO_CLASSES)
    return names if answers.prediction_set is not None else tuple(n for n in names if n not in _SETS)


def prepare_measure(name: str, answers: Answers) -> Prepared:
    """The measure `name` of `answers`, ready for weights of shape (weightings, samples).

    Raises:
        NotFound: No measure of that name applies to these answers.
    """
    if name not in list_measures(answers):
        raise NotFound(
            f"one of the measures {', '.join(list_measures(answers))}",
            found=repr(name),
            remedy="Sensitivity and its kin need two classes; coverage needs prediction sets.",
        )
    return _MEASURES[name](answers)


def measure(name: str, answers: Answers) -> float | None:
    """The value of one measure; None where it is not defined.

    Example:
        >>> import numpy as np
        >>> from salus.evaluation.answers import Answers, decide
        >>> p = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
        >>> measure("auroc", Answers(np.array([0, 1, 1]), p, decide(p, threshold=0.5)))
        1.0
    """
    if not len(answers):
        return None
    value = float(prepare_measure(name, answers)(np.ones((1, len(answers))))[0])
    return None if np.isnan(value) else value


def confusion(answers: Answers) -> tuple[tuple[int, ...], ...]:
    """Counts; rows are the truth, columns the decision, both in the order of the classes."""
    matrix = confusion_of(answers)(np.ones((1, len(answers))))[0]
    return tuple(tuple(int(count) for count in row) for row in matrix)


def auroc(labels: NDArray[np.integer], scores: NDArray[np.floating]) -> float | None:
    """Area under the ROC curve of two classes (Hanley and McNeil, Radiology 143:29-36, 1982).

    Args:
        labels: (samples,) 1 for the finding, 0 else.
        scores: (samples,) any number that grows with the finding.

    Raises:
        InvalidInput: Shapes differ or a score is NaN.
    """
    if labels.shape != scores.shape or labels.ndim != 1 or np.isnan(scores).any():
        raise InvalidInput(
            "labels and scores of shape (samples,), no score missing",
            found=f"shapes {labels.shape} and {scores.shape}",
            remedy="Hand in one score per label.",
        )
    value = float(area_under_roc(labels == 1, scores)(np.ones((1, labels.size)))[0]) if labels.size else np.nan
    return None if np.isnan(value) else value


def ece_bins(count: int) -> int:
    """How many bins the expected calibration error of `count` samples uses."""
    return max(1, min(ECE_BINS, count // 10))


def _from_confusion(formula: Callable[[Floats], Floats]) -> MeasureFactory:
    def prepare(answers: Answers) -> Prepared:
        counts = confusion_of(answers)
        return lambda weights: formula(counts(weights))

    return prepare


def _recall(c: Floats, k: int) -> Floats:
    return divide(c[:, k, k], c[:, k].sum(axis=1))


def _precision(c: Floats, k: int) -> Floats:
    return divide(c[:, k, k], c[:, :, k].sum(axis=1))


def _balanced(c: Floats) -> Floats:
    recalls: Floats = np.mean([_recall(c, k) for k in range(c.shape[1])], axis=0)
    return recalls


def _f1(c: Floats) -> Floats:
    wanted = (1,) if c.shape[1] == 2 else range(c.shape[1])
    each = [divide(2 * c[:, k, k], c[:, k].sum(axis=1) + c[:, :, k].sum(axis=1)) for k in wanted]
    mean: Floats = np.mean(each, axis=0)
    return mean


def _one_against_rest(area: Callable[[NDArray[np.bool_], Floats], Prepared]) -> MeasureFactory:
    def prepare(answers: Answers) -> Prepared:
        wanted = (1,) if answers.classes == 2 else range(answers.classes)
        areas = [area(answers.labels == k, answers.probabilities[:, k]) for k in wanted]
        return lambda weights: np.mean([one(weights) for one in areas], axis=0)

    return prepare


def _brier(answers: Answers) -> Prepared:
    errors = (answers.probabilities - np.eye(answers.classes)[answers.labels]) ** 2
    return mean_of(errors[:, 1] if answers.classes == 2 else errors.sum(axis=1))


def _log_loss(answers: Answers) -> Prepared:
    of_truth = answers.probabilities[np.arange(len(answers)), answers.labels]
    return mean_of(-np.log(np.maximum(of_truth, 1e-15)))


def _ece(answers: Answers) -> Prepared:
    bins = ece_bins(len(answers))
    if answers.classes == 2:
        return calibration_error(answers.probabilities[:, 1], answers.labels == 1, bins=bins)
    top = answers.probabilities.argmax(axis=1)
    return calibration_error(answers.probabilities.max(axis=1), top == answers.labels, bins=bins)


def _set_of(answers: Answers) -> NDArray[np.bool_]:
    if answers.prediction_set is None:
        raise InvalidInput("prediction sets", found="none", remedy="Ask the model for `prediction_set`.")
    return answers.prediction_set


_TWO_CLASSES = frozenset({"sensitivity", "specificity", "ppv", "npv"})
_SETS = frozenset({"coverage", "set_size"})
_MEASURES: dict[str, MeasureFactory] = {
    "auroc": _one_against_rest(area_under_roc),
    "auprc": _one_against_rest(average_precision),
    "accuracy": lambda answers: mean_of(answers.correct),
    "balanced_accuracy": _from_confusion(_balanced),
    "sensitivity": _from_confusion(lambda c: _recall(c, 1)),
    "specificity": _from_confusion(lambda c: _recall(c, 0)),
    "ppv": _from_confusion(lambda c: _precision(c, 1)),
    "npv": _from_confusion(lambda c: _precision(c, 0)),
    "f1": _from_confusion(_f1),
    "brier": _brier,
    "log_loss": _log_loss,
    "ece": _ece,
    "aurc": lambda answers: abstention.area_under_risk_coverage(answers.correct, answers.confidence),
    "augrc": lambda answers: abstention.area_under_generalised_risk(answers.correct, answers.confidence),
    "selective_accuracy_80": lambda answers: abstention.selective_accuracy(
        answers.correct, answers.confidence, coverage=0.8
    ),
    "coverage": lambda answers: mean_of(_set_of(answers)[np.arange(len(answers)), answers.labels]),
    "set_size": lambda answers: mean_of(_set_of(answers).sum(axis=1)),
}
