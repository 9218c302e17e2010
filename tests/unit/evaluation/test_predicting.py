from __future__ import annotations

import numpy as np
import pytest

from salus.contracts.batches import Array, Batch
from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.evaluation.predicting import predict_split


class _MeanGrey:
    """Answers each picture's mean, and evidence of the picture's own size."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def predict(self, batch: Batch) -> dict[str, Array]:
        pictures = batch["image"].astype(np.float32)
        self.sizes.append(len(pictures))
        mean = pictures.mean(axis=(1, 2, 3))
        return {"logits": np.stack([-mean, mean], axis=1), "evidence": pictures[..., 0][:, None]}


class _Told:
    def __init__(self) -> None:
        self.said: list[object] = []

    def begin(self, label: str, total: int | None) -> None:
        self.said.append((label, total))

    def advance(self, steps: int = 1, **measures: float) -> None:
        self.said.append(steps)

    def end(self) -> None:
        self.said.append("end")


def _split(shapes: list[tuple[int, int]], *, ragged: bool = True) -> Split:
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 255, (*shape, 1), dtype=np.uint8) for shape in shapes]
    column: Array = np.stack(pictures) if not ragged else np.empty(len(pictures), dtype=object)
    if ragged:
        column[:] = pictures
    names = np.array([f"s{i}" for i in range(len(shapes))])
    return Split(inputs={"image": column}, labels=np.zeros(len(shapes), np.int64), sample_ids=names, subjects=names)


def test_ragged_pictures_are_answered_in_the_order_of_the_split() -> None:
    split = _split([(4, 4), (6, 5), (4, 4), (6, 5), (4, 4)])
    predictor, told = _MeanGrey(), _Told()
    found = predict_split(predictor, split, most=2, progress=told)
    for index, picture in enumerate(split.inputs["image"]):
        assert found["logits"][index, 1] == pytest.approx(picture.mean())
        assert np.array_equal(found["evidence"][index][0], picture[..., 0])
    assert found["evidence"].dtype == object
    assert sorted(predictor.sizes) == [1, 2, 2]
    assert told.said[0] == ("predict", 5)
    assert sum(step for step in told.said if isinstance(step, int)) == 5
    assert told.said[-1] == "end"


def test_pictures_of_one_size_give_rectangular_outputs_and_only_those_asked_for() -> None:
    split = _split([(4, 4)] * 3, ragged=False)
    assert predict_split(_MeanGrey(), split)["evidence"].shape == (3, 1, 4, 4)
    assert list(predict_split(_MeanGrey(), split, outputs=["logits"])) == ["logits"]


def test_an_answer_of_another_length_or_without_the_output_is_refused() -> None:
    class Short:
        def predict(self, batch: Batch) -> dict[str, Array]:
            return {"logits": np.zeros((1, 2))}

    split = _split([(4, 4)] * 3, ragged=False)
    with pytest.raises(InvalidInput, match="3 rows"):
        predict_split(Short(), split)
    with pytest.raises(InvalidInput, match="'probabilities'"):
        predict_split(_MeanGrey(), split, outputs=["probabilities"])


def test_an_output_that_comes_and_goes_is_refused() -> None:
    class Moody:
        def predict(self, batch: Batch) -> dict[str, Array]:
            count, height = batch["image"].shape[:2]
            logits: dict[str, Array] = {"logits": np.zeros((count, 2))}
            return logits if height == 4 else {**logits, "evidence": np.zeros((count, 2, 1, 1))}

    with pytest.raises(InvalidInput, match="1 of 2"):
        predict_split(Moody(), _split([(4, 4), (5, 5)]))


def test_an_empty_part_is_refused() -> None:
    with pytest.raises(InvalidInput, match="empty part"):
        predict_split(_MeanGrey(), _split([(4, 4)], ragged=False).take(np.zeros(0, np.intp)))
