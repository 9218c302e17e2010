"""Checks `shortcut`, `shortcut.intensity` and `shortcut.sampling`: something beside the finding that tells the label.

A column (original width, file type, source; mean grey level, contrast, size; how often and how long somebody was
observed) is tried alone: the share of each class among its values, learned on four fifths of the subjects, scores the
last fifth; the area under the ROC curve of these scores says what the column tells. Numbers are cut into tenths, so
that a relation of any form shows.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Array
from salus.contracts.datasets import Dataset, QualityFinding, Split
from salus.contracts.tasks import Task
from salus.data.quality.findings import finding

NAME = "shortcut"
INTENSITY = "shortcut.intensity"
SAMPLING = "shortcut.sampling"

LEAST_AUROC = 0.65
"""From this area on, a column is reported."""

LEAST_BOUND = 0.6
"""The area's lower 95 % bound (Hanley and McNeil 1982) must reach this as well, so that small sets do not alarm."""

LEAST_PURE = 10
"""A value of an attribute that so many samples share, all of one class, is reported by itself."""

_FOLDS = 5
_BINS = 10
_PRIOR_SAMPLES = 2.0


def find_shortcuts(dataset: Dataset, task: Task) -> list[QualityFinding]:
    """A warning for each attribute, and each plain measure of pixels or sampling, that predicts the label by itself.

    The test part is left alone.
    """
    parts = [part for name, part in dataset.parts().items() if name != "test"]
    labels = np.concatenate([part.labels for part in parts])
    subjects = np.concatenate([part.subjects for part in parts])
    shared = [name for name in parts[0].attributes if all(name in part.attributes for part in parts)]
    attributes = {name: np.concatenate([part.attributes[name] for part in parts]) for name in shared}
    return [
        *_report(NAME, attributes, labels, subjects),
        *_report_pure(attributes, labels, task),
        *_report(INTENSITY, _pixel_measures(parts, task), labels, subjects),
        *_report(SAMPLING, _sampling_measures(parts, task), labels, subjects),
    ]


def column_auroc(column: Array, labels: NDArray[np.int64], subjects: NDArray[np.str_]) -> tuple[float, float] | None:
    """What a column tells of the label, by cross-validation over subjects.

    Args:
        column: (samples,) numbers or texts.
        labels: (samples,) class indices.
        subjects: (samples,) kept on one side of each fold.

    Returns:
        The largest area under the ROC curve of one class against the others, and its lower 95 % bound; None where
        there is one value, one class, or one subject alone.
    """
    codes = _codes(column)
    names, owner = np.unique(subjects, return_inverse=True)
    classes = np.unique(labels)
    if codes.max(initial=0) == 0 or len(classes) < 2 or len(names) < 2:
        return None
    fold = (np.random.default_rng(0).permutation(len(names)) % min(_FOLDS, len(names)))[owner]
    areas = []
    for wanted in classes[1:] if len(classes) == 2 else classes:
        truth = labels == wanted
        area = _auroc(_out_of_fold_shares(codes, truth, fold), truth)
        areas.append((area, area - 1.96 * _standard_error(area, int(truth.sum()), int((~truth).sum()))))
    return max(areas)


def _report(
    check: str, columns: Mapping[str, Array], labels: NDArray[np.int64], subjects: NDArray[np.str_]
) -> list[QualityFinding]:
    found = []
    for name, column in columns.items():
        told = column_auroc(column, labels, subjects)
        if told is None or told[0] < LEAST_AUROC or told[1] < LEAST_BOUND:
            continue
        found.append(
            finding(
                check,
                "warning",
                f"{name} alone predicts the label with an AUROC of {told[0]:.2f} (lower bound {told[1]:.2f}); a model "
                "may learn it instead of the finding.",
                f"仅凭 {name} 就能预测标签，AUROC 为 {told[0]:.2f}（下限 {told[1]:.2f}）；"
                "模型可能学到它而不是病变本身。",
                count=len(labels),
            )
        )
    return found


def _report_pure(attributes: Mapping[str, Array], labels: NDArray[np.int64], task: Task) -> list[QualityFinding]:
    """Values of text attributes that one class alone has."""
    found = []
    for name, column in attributes.items():
        if column.dtype.kind in "iuf" or len(np.unique(labels)) < 2:
            continue
        for value in np.unique(column.astype(np.str_)):
            having = labels[column.astype(np.str_) == value]
            if len(having) < LEAST_PURE or len(np.unique(having)) > 1:
                continue
            title = task.classes[int(having[0])].title
            found.append(
                finding(
                    NAME,
                    "warning",
                    f"{name} is {str(value)!r} in {len(having)} samples, all of them {title.en}.",
                    f"有 {len(having)} 个样本的 {name} 为“{value}”，全部属于“{title.zh}”类。",
                    count=len(having),
                )
            )
    return found


def _pixel_measures(parts: list[Split], task: Task) -> dict[str, Array]:
    """Mean, contrast and size of each picture."""
    image = next((spec.name for spec in task.signature.inputs if spec.content == "image"), None)
    if image is None:
        return {}
    pictures = [np.asarray(picture) for part in parts for picture in part.inputs[image]]
    return {
        "mean_grey_level": np.array([picture.mean() for picture in pictures]),
        "contrast": np.array([picture.std() for picture in pictures]),
        "pixel_count": np.array([float(picture.shape[0] * picture.shape[1]) for picture in pictures]),
        "aspect_ratio": np.array([picture.shape[1] / picture.shape[0] for picture in pictures]),
    }


def _sampling_measures(parts: list[Split], task: Task) -> dict[str, Array]:
    """How much and how long each sample was observed, whatever the values: care given, not the patient's state."""
    spec = next((spec for spec in task.signature.inputs if spec.content == "events"), None)
    if spec is None:
        return {}
    events = [np.asarray(rows, dtype=np.float64).reshape(-1, 3) for part in parts for rows in part.inputs[spec.name]]
    observed = [rows[~np.isnan(rows).any(axis=1)] for rows in events]
    return {
        "observation_count": np.array([float(len(rows)) for rows in observed]),
        "variable_count": np.array([float(len(np.unique(rows[:, 1]))) for rows in observed]),
        "last_observation_time": np.array([rows[:, 0].max(initial=0.0) for rows in observed]),
    }


def _codes(column: Array) -> NDArray[np.intp]:
    """(samples,) the number of each value's category or tenth; missing numbers are a category of their own."""
    if column.dtype.kind not in "iuf":
        return np.unique(column.astype(np.str_), return_inverse=True)[1]
    numbers = column.astype(np.float64)
    values, codes = np.unique(numbers, return_inverse=True)
    if len(values) <= _BINS:
        return codes
    edges = np.unique(np.nanquantile(numbers, np.linspace(0, 1, _BINS + 1)[1:-1]))
    return np.where(np.isnan(numbers), len(edges) + 1, np.searchsorted(edges, numbers, side="right"))


def _out_of_fold_shares(
    codes: NDArray[np.intp], truth: NDArray[np.bool_], fold: NDArray[np.intp]
) -> NDArray[np.float64]:
    """(samples,) share of the class among the same value in the other folds, drawn towards the overall share."""
    scores = np.zeros(len(codes))
    size = int(codes.max()) + 1
    for index in np.unique(fold):
        inside = fold == index
        seen = np.bincount(codes[~inside], minlength=size)
        hits = np.bincount(codes[~inside], weights=truth[~inside], minlength=size)
        prior = float(truth[~inside].mean())
        shares = (hits + _PRIOR_SAMPLES * prior) / (seen + _PRIOR_SAMPLES)
        scores[inside] = shares[codes[inside]] - prior
    return scores


def _auroc(scores: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    """Share of pairs in which the positive has the higher score, ties counting half (Mann and Whitney 1947)."""
    _, code, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[code]
    positives, negatives = int(truth.sum()), int((~truth).sum())
    return float((ranks[truth].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def _standard_error(area: float, positives: int, negatives: int) -> float:
    """Hanley and McNeil, Radiology 143:29 (1982)."""
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (positives - 1) * (q1 - area**2) + (negatives - 1) * (q2 - area**2)
    return float(np.sqrt(max(spread, 0.0) / (positives * negatives)))
