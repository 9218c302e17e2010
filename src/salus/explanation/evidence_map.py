"""Heatmaps that the model's graph computes itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Batch, count_samples
from salus.contracts.errors import InvalidInput
from salus.contracts.explanations import Attribution
from salus.contracts.predictors import Predictor
from salus.explanation.log_odds import check_targets, find_output


class EvidenceMapExplainer:
    """Shows the positive part of the class's evidence map, divided by its largest value in the picture.

    The map is a class activation map (Zhou et al., CVPR 2016) or its form for networks with dense heads (Grad-CAM,
    Selvaraju et al., ICCV 2017). The scale is relative to each picture: 1 is the strongest evidence *in this picture*,
    whether the model is sure or not, so two pictures' colours must not be compared. A map with no positive value gives
    zeros: nothing in the picture speaks for the class. Evidence says where the model looked, not where a lesion is.

    Example:
        >>> class Fixed:
        ...     def predict(self, batch):
        ...         return {"evidence": np.array([[[[0.0]], [[2.0]]]], dtype=np.float32)}
        >>> found = EvidenceMapExplainer().explain(Fixed(), {"image": np.zeros((1, 2, 2, 1))}, targets=np.array([1]))
        >>> found[0].heatmap
        array([[1.]], dtype=float32)
    """

    @property
    def method(self) -> str:
        """The method's name."""
        return "class activation map (Zhou et al. 2016; Selvaraju et al. 2017), relative to the picture"

    def explain(self, predictor: Predictor, batch: Batch, *, targets: NDArray[np.int64]) -> tuple[Attribution, ...]:
        """One heatmap per sample, on the grid of the network's features.

        Raises:
            InvalidInput: The predictor answers no evidence, or a target is not a class of it.
        """
        count = count_samples(batch)
        check_targets(targets, count)
        evidence = find_output(predictor.predict(batch), "evidence", axes=4, count=count)
        if count and int(targets.max()) >= evidence.shape[1]:
            raise InvalidInput(
                f"targets below {evidence.shape[1]}", found=f"{int(targets.max())}", remedy="Name a class of the task."
            )
        return tuple(
            Attribution(target=int(target), heatmap=show_positive(evidence[row, target]))
            for row, target in enumerate(targets)
        )


def show_positive(values: NDArray[np.generic]) -> NDArray[np.float32]:
    """The positive part over its maximum: 0 to 1, all 0 where nothing is positive.

    Raises:
        InvalidInput: A value is not finite.
    """
    numbers = np.asarray(values, dtype=np.float32)
    if not np.isfinite(numbers).all():
        raise InvalidInput(
            "finite evidence",
            found=f"{int((~np.isfinite(numbers)).sum())} values that are not",
            remedy="Check the picture and the model's package.",
        )
    positive = np.maximum(numbers, np.float32(0))
    largest = positive.max(initial=np.float32(0))
    return positive / largest if largest > 0 else np.zeros_like(positive)
