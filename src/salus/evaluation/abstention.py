"""How much better the answers become when the least confident are left out.

All three measures are prepared for samples and then take weights, as `weighted` says. Equal confidences are left out
together. The curve itself is `curves.risk_points`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salus.evaluation.weighted import Floats, Prepared, Ranking, divide


def area_under_risk_coverage(correct: NDArray[np.bool_], confidence: NDArray[np.floating]) -> Prepared:
    """AURC: the risk averaged over coverages, each level weighing its samples."""
    ranking = Ranking(confidence, descending=True)

    def area(weights: Floats) -> Floats:
        level = ranking.per_level(weights)
        answered = np.cumsum(level, axis=1)
        wrong = np.cumsum(ranking.per_level(weights * ~correct), axis=1)
        risk = np.where(answered == 0, 0.0, wrong / np.where(answered == 0, 1.0, answered))
        return divide((level * risk).sum(axis=1), answered[:, -1])

    return area


def area_under_generalised_risk(correct: NDArray[np.bool_], confidence: NDArray[np.floating]) -> Prepared:
    """AUGRC: the share of samples that are answered *and* wrong, averaged over coverages; 0 to 0.5.

    Traub et al., "Overcoming common flaws in the evaluation of selective classification systems", NeurIPS 2024:
    AUGRC = (1 - AUROC_f) acc (1 - acc) + (1 - acc)^2 / 2, AUROC_f being how well confidence tells right from wrong.
    """
    ranking = Ranking(confidence, descending=True)

    def area(weights: Floats) -> Floats:
        level = ranking.per_level(weights)
        wrong = ranking.per_level(weights * ~correct)
        middle = np.cumsum(wrong, axis=1) - wrong / 2
        return divide((level * middle).sum(axis=1), level.sum(axis=1) ** 2)

    return area


def selective_accuracy(correct: NDArray[np.bool_], confidence: NDArray[np.floating], *, coverage: float) -> Prepared:
    """Accuracy of the share `coverage` (above 0, at most 1) of samples with the highest confidence.

    Where the border falls into a level of equal confidences, its samples count in part.
    """
    ranking = Ranking(confidence, descending=True)

    def accuracy(weights: Floats) -> Floats:
        level = ranking.per_level(weights)
        right = ranking.per_level(weights * correct)
        wanted = coverage * level.sum(axis=1, keepdims=True)
        kept = np.clip(wanted - (np.cumsum(level, axis=1) - level), 0.0, level)
        share = np.where(level == 0, 0.0, kept / np.where(level == 0, 1.0, level))
        return divide((share * right).sum(axis=1), wanted[:, 0])

    return accuracy
