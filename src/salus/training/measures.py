"""Figures by which a training chooses. Reported figures, with intervals, are the evaluation room's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def area_under_curve(scores: NDArray[np.floating], positive: NDArray[np.bool_]) -> float:
    """AUROC as the Mann-Whitney statistic, ties counting half.

    Args:
        scores: (samples,), higher means more positive.
        positive: (samples,).

    Returns:
        From 0 to 1; NaN where one of the two sides is empty.
    """
    positives = int(positive.sum())
    negatives = positive.shape[0] - positives
    if positives == 0 or negatives == 0:
        return float("nan")
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last_rank = np.cumsum(counts)
    ranks = (last_rank - (counts - 1) / 2)[inverse]
    return float((ranks[positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def classification_auroc(logits: NDArray[np.floating], labels: NDArray[np.int64]) -> float:
    """AUROC of class 1 with two classes; else the mean over the classes present, each against the rest.

    Args:
        logits: (samples, classes).
        labels: (samples,).

    Returns:
        From 0 to 1; NaN where only one class is present.
    """
    if logits.shape[1] == 2:
        return area_under_curve(logits[:, 1] - logits[:, 0], labels == 1)
    shifted = logits - logits.max(axis=1, keepdims=True)
    probabilities = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    areas = [area_under_curve(probabilities[:, k], labels == k) for k in range(logits.shape[1]) if (labels == k).any()]
    return float(np.mean(areas)) if areas else float("nan")
