"""The question: what is asked, of whom, for which use, and how good an answer must be."""

from __future__ import annotations

from typing import Literal

import msgspec

from salus.contracts.tensors import Code, Signature, TensorSpec
from salus.contracts.text import LocalizedText

TaskKind = Literal["classification"]


class ClassLabel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One class of a classification.

    Attributes:
        name: Short and stable, for machines: `malignant`.
        title: For people: `malignant`, `恶性`.
        code: The finding's concept, where a terminology has one.
    """

    name: str
    title: LocalizedText
    code: Code | None = None


class Goal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A measure whose interval's worse bound must reach a value.

    Attributes:
        measure: The measure's name as `evaluation` writes it: `auroc`, `brier`, `ece`, …
        at_least: Smallest acceptable lower bound, or None.
        at_most: Largest acceptable upper bound, or None. Exactly one of the two is given.
        subgroup: `name=value` of a subgroup, or None for all samples together.
    """

    measure: str
    at_least: float | None = None
    at_most: float | None = None
    subgroup: str | None = None

    def __post_init__(self) -> None:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError(f"expected exactly one of at_least and at_most in the goal for {self.measure!r}")


class Task(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question that a model answers.

    Attributes:
        name: Stable, for machines; with its pack it names the package: `chest_xray.pneumonia`.
        title: What is asked, in words.
        kind: The family of questions that it belongs to.
        signature: The tensors in and out.
        classes: The classes, in the order of the probabilities. With two classes the second is the finding
            ("positive") and the first its absence.
        intended_use: What for, by whom, on whom.
        limits: What the answer must not be used for, and where it is known to fail.
        goals: What the release gate asks.
        demonstration: True where the model was trained on generated data; said on every card, answer and page.
    """

    name: str
    title: LocalizedText
    kind: TaskKind
    signature: Signature
    classes: tuple[ClassLabel, ...]
    intended_use: LocalizedText
    limits: LocalizedText
    goals: tuple[Goal, ...] = ()
    demonstration: bool = False


def classification_outputs(classes: tuple[ClassLabel, ...], *, evidence: bool) -> tuple[TensorSpec, ...]:
    """The outputs of every served classifier, K being the number of classes.

    `softmax(logits) = probabilities`; `logits` are calibrated. `decision` is the class that the threshold calls (two
    classes) or the most probable one.
    """
    count = len(classes)
    outputs = (
        TensorSpec(
            name="probabilities",
            datatype="FP32",
            shape=(-1, count),
            title=LocalizedText("calibrated probability of each class", "各类别的校准概率"),
            unit="1",
            valid_range=(0.0, 1.0),
        ),
        TensorSpec(
            name="probability_interval",
            datatype="FP32",
            shape=(-1, count, 2),
            title=LocalizedText("95 % interval of each probability (calibration)", "各概率的 95% 区间（校准）"),
            unit="1",
            valid_range=(0.0, 1.0),
        ),
        TensorSpec(
            name="decision",
            datatype="INT64",
            shape=(-1,),
            title=LocalizedText("index of the class that is called", "判定类别的序号"),
        ),
        TensorSpec(
            name="prediction_set",
            datatype="BOOL",
            shape=(-1, count),
            title=LocalizedText("classes not excluded at the stated coverage", "在所述覆盖率下不能排除的类别"),
        ),
        TensorSpec(
            name="logits",
            datatype="FP32",
            shape=(-1, count),
            title=LocalizedText("calibrated logits", "校准后的对数几率"),
        ),
    )
    if not evidence:
        return outputs
    heatmap = TensorSpec(
        name="evidence",
        datatype="FP32",
        shape=(-1, count, -1, -1),
        title=LocalizedText("class activation map of each class", "各类别的激活图"),
    )
    return (*outputs, heatmap)
