import numpy as np
import pytest

from salus.contracts.classification import ClassLabel
from salus.contracts.text import LocalizedText
from salus.serving.abstentions import judge_prediction_set

_CLASSES = tuple(
    ClassLabel(name=en, title=LocalizedText(en, zh))
    for en, zh in (("benign", "良性"), ("malignant", "恶性"), ("uncertain", "不确定"))
)


@pytest.mark.parametrize("index", [0, 1, 2])
def test_exactly_one_remaining_class_is_an_answer(index: int) -> None:
    assert judge_prediction_set(np.eye(3, dtype=np.bool_)[index], _CLASSES, 0.9) is None


def test_two_remaining_classes_are_named_with_the_coverage() -> None:
    found = judge_prediction_set(np.array([True, True, False]), _CLASSES, 0.9)
    assert found is not None
    assert found.reason == "ambiguous"
    assert found.message.en == "Both benign and malignant remain possible at 90 % coverage."
    assert found.message.zh == "在 90% 的覆盖率下，良性和恶性均不能排除。"


def test_more_remaining_classes_are_listed() -> None:
    found = judge_prediction_set(np.ones(3, np.bool_), _CLASSES, 0.975)
    assert found is not None
    assert found.message.en == "Benign, malignant and uncertain remain possible at 97.5 % coverage."


def test_no_remaining_class_means_unlike_any() -> None:
    found = judge_prediction_set(np.zeros(3, np.bool_), _CLASSES, 0.9)
    assert found is not None
    assert found.reason == "unsure"
    assert "90" in found.message.en
    assert "90" in found.message.zh
