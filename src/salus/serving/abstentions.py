"""Why a sample is not answered, in both languages; and which prediction sets are no answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from salus.contracts.services import Abstention
from salus.contracts.tasks import ClassLabel
from salus.contracts.tensors import TensorSpec
from salus.contracts.text import LocalizedText


def missing_value(spec: TensorSpec) -> Abstention:
    """The sample has no value for an input that the model needs."""
    return Abstention(
        "missing_value",
        LocalizedText(f"No value is given for {spec.title.en}.", f"缺少“{spec.title.zh}”的数值。"),
    )


def out_of_range(spec: TensorSpec) -> Abstention:
    """The sample's value of an input is not believable; says which values are."""
    if spec.categories:
        last = len(spec.categories) - 1
        return Abstention(
            "out_of_range",
            LocalizedText(
                f"The value of {spec.title.en} is none of its categories (0 to {last}).",
                f"“{spec.title.zh}”的取值不属于任何类别（0 至 {last}）。",
            ),
        )
    low, high = spec.valid_range if spec.valid_range is not None else (float("-inf"), float("inf"))
    unit = "" if spec.unit in {None, "1"} else f" {spec.unit}"
    return Abstention(
        "out_of_range",
        LocalizedText(
            f"The value of {spec.title.en} lies outside the range that the model accepts ({low:g} to {high:g}{unit}).",
            f"“{spec.title.zh}”的取值超出模型可接受的范围（{low:g} 至 {high:g}{unit}）。",
        ),
    )


def judge_prediction_set(
    members: NDArray[np.bool_], classes: Sequence[ClassLabel], coverage: float
) -> Abstention | None:
    """None where exactly one class remains; else why that is no answer.

    Args:
        members: (classes,) which classes the conformal set holds.
        classes: In the order of `members`.
        coverage: The coverage that the set promises, from 0 to 1.
    """
    remaining = [label.title for label, inside in zip(classes, members, strict=True) if inside]
    if len(remaining) == 1:
        return None
    percent = f"{100 * coverage:g}"
    if not remaining:
        return Abstention(
            "unsure",
            LocalizedText(
                f"The model is less sure of every class than {percent} % coverage asks for.",
                f"模型对任何类别的把握都达不到 {percent}% 覆盖率的要求。",
            ),
        )
    english, chinese = [title.en for title in remaining], [title.zh for title in remaining]
    both = "Both " if len(remaining) == 2 else ""
    listed = f"{both}{', '.join(english[:-1])} and {english[-1]}"
    return Abstention(
        "ambiguous",
        LocalizedText(
            f"{listed[0].upper()}{listed[1:]} remain possible at {percent} % coverage.",
            f"在 {percent}% 的覆盖率下，{'、'.join(chinese[:-1])}和{chinese[-1]}均不能排除。",
        ),
    )
