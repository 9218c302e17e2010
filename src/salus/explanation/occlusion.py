"""Heatmaps for any predictor of pictures, by covering one place after another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Array, Batch, count_samples
from salus.contracts.errors import InvalidInput
from salus.contracts.explanations import Attribution
from salus.contracts.predictors import Predictor
from salus.explanation.evidence_map import show_positive
from salus.explanation.log_odds import check_targets, find_output, log_odds


class OcclusionExplainer:
    """How much the class's log-odds fall when a square of the picture is covered (Zeiler and Fergus, ECCV 2014).

    The picture is divided into `grid` x `grid` cells; around the middle of each, a patch of `patch` cells' width is
    filled with the picture's mean grey, and the fall is the cell's value; its positive part over its maximum is the
    heatmap. It asks nothing of the model but answers, and so checks evidence maps, at grid² predictions a picture.

    Args:
        grid: Cells along each side, at least 1; no more than the picture has pixels are used.
        patch: Width of the patch in cells, above 0.
        image: The input's name.
        most: Largest number of pictures asked at once.
    """

    def __init__(self, *, grid: int = 14, patch: float = 2.0, image: str = "image", most: int = 64) -> None:
        if grid < 1 or patch <= 0 or most < 1:
            raise InvalidInput(
                "a grid and a batch of at least 1 and a patch above 0",
                found=f"grid {grid}, patch {patch}, batch {most}",
                remedy="A grid of 14 and a patch of 2 suit most pictures.",
            )
        self._grid, self._patch, self._image, self._most = grid, patch, image, most

    @property
    def method(self) -> str:
        """The method's name."""
        return "occlusion sensitivity (Zeiler and Fergus 2014), relative to the picture"

    def explain(self, predictor: Predictor, batch: Batch, *, targets: NDArray[np.int64]) -> tuple[Attribution, ...]:
        """One heatmap of grid x grid per sample, with the log-odds of the whole picture as `output`.

        Raises:
            InvalidInput: There is no such picture (N, H, W, C) in `batch`, or the predictor answers no logits.
        """
        pictures = batch.get(self._image)
        if pictures is None or pictures.ndim != 4:
            raise InvalidInput(
                f"pictures {self._image!r} of shape (samples, height, width, channels)",
                found="none" if pictures is None else f"shape {pictures.shape}",
                remedy="Occlusion explains tasks whose input is a picture.",
            )
        check_targets(targets, count_samples(batch))
        return tuple(
            self._explain_one(predictor, {name: column[i : i + 1] for name, column in batch.items()}, int(target))
            for i, target in enumerate(targets)
        )

    def _explain_one(self, predictor: Predictor, sample: dict[str, Array], target: int) -> Attribution:
        picture = sample[self._image][0]
        rows, columns = (_cells(length, self._grid, self._patch) for length in picture.shape[:2])
        fill = picture.astype(np.float64).mean(axis=(0, 1)).round().astype(picture.dtype)
        places = [(row, column) for row in rows for column in columns]
        found = [self._ask(predictor, sample, picture[None], target)]
        for start in range(0, len(places), self._most):
            chosen = places[start : start + self._most]
            covered = np.repeat(picture[None], len(chosen), axis=0)
            for one, ((top, bottom), (left, right)) in zip(covered, chosen, strict=True):
                one[top:bottom, left:right] = fill
            found.append(self._ask(predictor, sample, covered, target))
        whole = float(found[0][0])
        fall = whole - np.concatenate(found[1:]).reshape(len(rows), len(columns))
        return Attribution(target=target, heatmap=show_positive(fall), output=whole)

    def _ask(self, predictor: Predictor, sample: dict[str, Array], pictures: Array, target: int) -> NDArray[np.float64]:
        count = len(pictures)
        others = {name: np.repeat(column, count, axis=0) for name, column in sample.items()}
        answered = predictor.predict({**others, self._image: pictures})
        return log_odds(find_output(answered, "logits", axes=2, count=count).astype(np.float64), target)


def _cells(length: int, grid: int, patch: float) -> list[tuple[int, int]]:
    """First and one past the last pixel of the patch of each cell along one side."""
    cells = min(grid, length)
    side = length / cells
    ends = []
    for cell in range(cells):
        middle, half = (cell + 0.5) * side, patch * side / 2
        first = min(max(0, round(middle - half)), length - 1)
        ends.append((first, max(first + 1, min(length, round(middle + half)))))
    return ends
