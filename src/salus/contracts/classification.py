"""Which class? The question of a classifier, and the outputs of every served one."""

from __future__ import annotations

import msgspec

from salus.contracts.tensors import Code, TensorSpec
from salus.contracts.text import LocalizedText


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


class Classification(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="classification"
):
    """Which of some classes a sample belongs to.

    Attributes:
        classes: In the order of the probabilities. With two classes the second is the finding ("positive") and the
            first its absence.
        course: For inputs in time: the hours (or other unit of the events input) after which the risk is told again,
            as the output `course`; empty where there is none. Two classes only.
    """

    classes: tuple[ClassLabel, ...]
    course: tuple[float, ...] = ()


def classification_outputs(
    classes: tuple[ClassLabel, ...], *, evidence: bool, course: tuple[float, ...] = ()
) -> tuple[TensorSpec, ...]:
    """The outputs of every served classifier, K being the number of classes.

    `softmax(logits) = probabilities`; `logits` are calibrated. `decision` is the class that the threshold calls (two
    classes) or the most probable one. `evidence` and `course` are optional outputs, computed when they are asked for.
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
    heatmap = TensorSpec(
        name="evidence",
        datatype="FP32",
        shape=(-1, count, -1, -1),
        title=LocalizedText("class activation map of each class", "各类别的激活图"),
    )
    risks = TensorSpec(
        name="course",
        datatype="FP32",
        shape=(-1, len(course)),
        title=LocalizedText(
            "calibrated probability of the finding, given what was known up to each time; NaN before the first and "
            "after the last observation",
            "截至各时间点已知信息下的校准概率；首次观测之前与末次观测之后为 NaN",
        ),
        unit="1",
        valid_range=(0.0, 1.0),
    )
    return (*outputs, *((heatmap,) if evidence else ()), *((risks,) if course else ()))
