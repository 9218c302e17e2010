"""Differences are found in the output and the sample where they are."""

from __future__ import annotations

import numpy as np
import pytest

from salus.contracts.batches import Batch
from salus.contracts.errors import Conflict
from salus.optimisation.graph_predictor import predict_samples
from salus.optimisation.parity import compare, require_parity


class Sums:
    """Answers the sum of each picture, plus an offset for the pictures whose sum is in `off`."""

    def __init__(self, *, off: dict[float, float] | None = None) -> None:
        self._off = off or {}
        self.asked: list[int] = []

    def predict(self, batch: Batch) -> Batch:
        self.asked.append(len(batch["image"]))
        sums = np.array([float(picture.sum()) for picture in batch["image"]])
        shifted = np.array([value + self._off.get(value, 0.0) for value in sums], dtype=np.float32)
        return {"logits": shifted[:, None], "decision": (shifted > 3).astype(np.int64)}


def ragged() -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.object_]]]:
    pictures = np.empty(4, dtype=object)
    for index, side in enumerate((1, 2, 1, 3)):
        pictures[index] = np.full((side, side), index, dtype=np.uint8)
    return {"image": pictures}


def test_samples_of_different_sizes_are_compared_in_their_order() -> None:
    found = compare(Sums(), Sums(off={2.0: 0.5, 27.0: np.nan}), ragged(), outputs=("logits", "decision"))
    assert [difference.output for difference in found] == ["logits", "decision"]
    np.testing.assert_array_equal(found[0].per_sample, [0.0, 0.0, 0.5, np.nan])
    assert np.isnan(found[0].largest)
    assert found[1].per_sample.tolist() == [0.0, 0.0, 0.0, 1.0]


def test_the_same_answers_pass_missing_ones_included() -> None:
    off = {2.0: np.nan}
    assert [d.largest for d in require_parity(Sums(off=off), Sums(off=off), ragged(), outputs=("logits",))] == [0.0]


@pytest.mark.parametrize("off", [{2.0: 0.01}, {27.0: np.nan}])
def test_one_sample_beyond_the_tolerance_is_refused(off: dict[float, float]) -> None:
    with pytest.raises(Conflict, match="1 of 4 samples"):
        require_parity(Sums(), Sums(off=off), ragged(), outputs=("logits",))


def test_answers_of_another_shape_are_not_equal() -> None:
    class Wide(Sums):
        def predict(self, batch: Batch) -> Batch:
            return {"logits": np.zeros((len(batch["image"]), 2), np.float32)}

    assert np.isnan(compare(Sums(), Wide(), ragged(), outputs=("logits",))[0].largest)


def test_all_samples_are_answered_in_order_and_in_parts() -> None:
    sums = Sums()
    answers = predict_samples(
        sums, {"image": np.arange(10, dtype=np.uint8)[:, None, None]}, outputs=("logits",), most=4
    )
    assert answers["logits"][:, 0].tolist() == list(range(10))
    assert sums.asked == [4, 4, 2]
