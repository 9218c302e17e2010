from __future__ import annotations

import numpy as np
import pytest

from salus.contracts.classification import Classification, ClassLabel, classification_outputs
from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput, UnsupportedInput
from salus.contracts.tasks import Task
from salus.contracts.tensors import Signature, TensorSpec
from salus.contracts.text import LocalizedText
from salus.evaluation.classification_judge import ClassificationJudge
from salus.evaluation.judges import judge_of
from salus.evaluation.report import evaluate

WORD = LocalizedText("word", "词")
CLASSES = (ClassLabel(name="no", title=WORD), ClassLabel(name="yes", title=WORD))
TASK = Task(
    name="toy",
    title=WORD,
    question=Classification(classes=CLASSES),
    signature=Signature(
        (TensorSpec(name="x", datatype="FP32", shape=(-1,), title=WORD, content="scalar"),),
        classification_outputs(CLASSES, evidence=False),
    ),
    intended_use=WORD,
    limits=WORD,
)


def _split(labels: list[int]) -> Split:
    names = np.array([f"s{row}" for row in range(len(labels))])
    return Split({"x": np.zeros(len(labels), np.float32)}, np.array(labels), names, names)


def _outputs(finding: list[float]) -> dict[str, np.ndarray]:
    p = np.array(finding, np.float32)
    return {"probabilities": np.stack([1 - p, p], axis=1), "prediction_set": np.ones((len(p), 2), np.bool_)}


def test_the_report_is_that_of_evaluate() -> None:
    split, outputs = _split([0, 1, 0, 1, 1, 0]), _outputs([0.1, 0.9, 0.6, 0.4, 0.8, 0.2])
    ours = ClassificationJudge().report(outputs, split, task=TASK, part="test", threshold=0.5, seed=1, resamples=50)
    plain = evaluate(
        outputs, split.labels, part="test", classes=["no", "yes"], threshold=0.5, seed=1, resamples=50,
        subjects=split.subjects,
    )  # fmt: skip
    assert ours == plain
    assert set(ClassificationJudge().pictures(ours)) >= {"roc", "reliability", "confusion"}


def test_a_worse_form_has_a_loss_above_nought() -> None:
    split = _split([0, 1] * 20)
    good, bad = _outputs([0.1, 0.9] * 20), _outputs([0.1, 0.9] * 10 + [0.9, 0.1] * 10)
    loss = ClassificationJudge().loss(split, good, bad, task=TASK, seed=0)
    assert loss.measure == "auroc"
    assert 0 < loss.low <= loss.value <= loss.high
    with pytest.raises(InvalidInput, match="every class"):
        ClassificationJudge().loss(_split([1, 1]), _outputs([0.5, 0.6]), _outputs([0.5, 0.6]), task=TASK, seed=0)


def test_a_sample_without_a_finite_probability_is_not_answered() -> None:
    outputs = _outputs([0.5, 0.5])
    outputs["probabilities"][1] = np.nan
    assert ClassificationJudge().answered(outputs).tolist() == [True, False]


def test_a_plan_has_no_judge() -> None:
    with pytest.raises(UnsupportedInput, match="reckoning"):
        judge_of("planning")
