"""What a document held and a model's inputs do not: counted and told, never dropped in silence."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import msgspec

from salus.contracts.text import LocalizedText

IgnoredReason = Literal[
    "other_resource",
    "other_code",
    "other_subject",
    "status",
    "modified",
    "absent",
    "value_type",
    "comparator",
    "category",
    "no_time",
    "before_start",
    "after_end",
    "superseded",
    "birth_date",
]

_MESSAGES: dict[str, LocalizedText] = {
    "other_resource": LocalizedText("resources of types that are not read", "不读取的资源类型"),
    "other_code": LocalizedText("observations that the model does not ask for", "模型未使用的观测"),
    "other_subject": LocalizedText("observations about somebody or something else", "并非关于该患者的观测"),
    "status": LocalizedText("observations without a valid result (by their status)", "状态表明结果无效的观测"),
    "modified": LocalizedText("resources whose meaning an extension changes", "含义被扩展修改的资源"),
    "absent": LocalizedText("observations without a value", "没有数值的观测"),
    "value_type": LocalizedText("values that are no number or category", "既非数值也非类别的取值"),
    "comparator": LocalizedText("values given only as above or below a limit", "仅给出上限或下限的数值"),
    "category": LocalizedText("answers that are none of the input's categories", "不属于该输入任何类别的取值"),
    "no_time": LocalizedText("observations without a time", "没有时间的观测"),
    "before_start": LocalizedText("observations before the time that is judged", "早于评估时段的观测"),
    "after_end": LocalizedText("observations after the time that is judged", "晚于评估时段的观测"),
    "superseded": LocalizedText("earlier values of an input that takes the last one", "被更新数值取代的较早数值"),
    "birth_date": LocalizedText(
        "birth dates that are incomplete, or with no time at which to tell the age", "不完整或无法计算年龄的出生日期"
    ),
}


class Ignored(msgspec.Struct, frozen=True):
    """How much was passed over for one reason. Holds no value of a patient."""

    reason: IgnoredReason
    count: int
    message: LocalizedText


def tell_ignored(counts: Counter[IgnoredReason]) -> tuple[Ignored, ...]:
    """One entry for each reason that occurred, most frequent first."""
    return tuple(Ignored(reason, count, _MESSAGES[reason]) for reason, count in counts.most_common() if count)
