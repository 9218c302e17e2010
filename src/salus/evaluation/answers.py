"""What a classifier answered beside what is true: the value that every measure reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salus.contracts.errors import InvalidInput


@dataclass(frozen=True)
class Answers:
    """Truth and answer of the same samples, K being the number of classes.

    Attributes:
        labels: (samples,) true class.
        probabilities: (samples, K), finite, from 0 to 1.
        decisions: (samples,) called class.
        prediction_set: (samples, K) Boolean; None where there are no sets.
    """

    labels: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    decisions: NDArray[np.int64]
    prediction_set: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        shape = self.probabilities.shape
        if (
            len(shape) != 2
            or shape[1] < 2
            or not self.labels.shape == self.decisions.shape == shape[:1]
            or (self.prediction_set is not None and self.prediction_set.shape != shape)
        ):
            raise InvalidInput(
                "labels (N,), probabilities (N, K) and decisions (N,) of the same samples",
                found=f"shapes {self.labels.shape}, {shape} and {self.decisions.shape}",
                remedy="Hand in one row per sample.",
            )
        if not np.isfinite(self.probabilities).all():
            raise InvalidInput(
                "finite probabilities",
                found=f"{int((~np.isfinite(self.probabilities).all(axis=1)).sum())} samples without",
                remedy="Leave out samples that were not answered, and say how many.",
            )
        if self.labels.size and (self.labels.min() < 0 or self.labels.max() >= shape[1]):
            raise InvalidInput(
                f"class indices from 0 to {shape[1] - 1}",
                found=f"labels from {self.labels.min()} to {self.labels.max()}",
                remedy="Number the classes as the task does.",
            )

    def __len__(self) -> int:
        return int(self.labels.shape[0])

    @property
    def classes(self) -> int:
        """K."""
        return int(self.probabilities.shape[1])

    @property
    def correct(self) -> NDArray[np.bool_]:
        """(samples,) whether the decision is the truth."""
        return np.asarray(self.decisions == self.labels)

    @property
    def confidence(self) -> NDArray[np.float64]:
        """(samples,) the probability of the called class."""
        return self.probabilities[np.arange(len(self)), self.decisions]

    def take(self, indices: NDArray[np.integer]) -> Answers:
        """The samples at `indices`, in that order."""
        return Answers(
            labels=self.labels[indices],
            probabilities=self.probabilities[indices],
            decisions=self.decisions[indices],
            prediction_set=None if self.prediction_set is None else self.prediction_set[indices],
        )


def decide(probabilities: NDArray[np.floating], *, threshold: float | None) -> NDArray[np.int64]:
    """The called class of each sample, as the served `decision` has it.

    Args:
        probabilities: (samples, classes).
        threshold: Two classes: the finding is called from this probability on, compared in float32. None: the most
            probable class, the first of equal ones.

    Raises:
        InvalidInput: A threshold for more than two classes.
    """
    if threshold is None:
        return np.asarray(probabilities.argmax(axis=1), dtype=np.int64)
    if probabilities.shape[1] != 2:
        raise InvalidInput(
            "no threshold for more than two classes",
            found=f"{probabilities.shape[1]} classes",
            remedy="A threshold belongs to a task of two classes.",
        )
    return np.asarray(probabilities[:, 1].astype(np.float32) >= np.float32(threshold), dtype=np.int64)
