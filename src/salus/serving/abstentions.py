"""Why a sample is not answered, in both languages; and which prediction sets are no answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from salus.contracts.classification import ClassLabel
from salus.contracts.services import Abstention
from salus.contracts.tensors import TensorSpec, Variable
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
    limits = _limits(spec.valid_range, spec.unit)
    return Abstention(
        "out_of_range",
        LocalizedText(
            f"The value of {spec.title.en} lies outside the range that the model accepts ({limits.en}).",
            f"“{spec.title.zh}”的取值超出模型可接受的范围（{limits.zh}）。",
        ),
    )


def variable_out_of_range(variable: Variable) -> Abstention:
    """An observed value of a variable is not believable; says which values are."""
    limits = _limits(variable.valid_range, variable.unit)
    return Abstention(
        "out_of_range",
        LocalizedText(
            f"An observed value of {variable.title.en} lies outside the range that the model accepts ({limits.en}).",
            f"“{variable.title.zh}”的某个观测值超出模型可接受的范围（{limits.zh}）。",
        ),
    )


def time_out_of_range(spec: TensorSpec) -> Abstention:
    """The time of an observation lies outside the time that the model looks at; says which that is."""
    limits = _limits(spec.valid_range, spec.unit)
    return Abstention(
        "out_of_range",
        LocalizedText(
            f"The time of an observation among {spec.title.en} lies outside what the model looks at ({limits.en}).",
            f"“{spec.title.zh}”中某个观测的时间超出模型所考察的范围（{limits.zh}）。",
        ),
    )


def too_little_known(spec: TensorSpec) -> Abstention:
    """The sample has fewer observations than the model judges."""
    return Abstention(
        "too_little_known",
        LocalizedText(
            f"Too little is known: the model needs at least {spec.fewest} observations of {spec.title.en}.",
            f"已知信息过少：模型至少需要 {spec.fewest} 条“{spec.title.zh}”的观测。",
        ),
    )


def poor_overlap() -> Abstention:
    """Patients like this one were given an option too rarely for the options to be compared."""
    return Abstention(
        "poor_overlap",
        LocalizedText(
            "Patients like this one were given one of the options too rarely for the options to be compared.",
            "与该患者相似的患者极少接受其中某一方案，无法对各方案进行比较。",
        ),
    )


def every_option_contraindicated() -> Abstention:
    """A rule takes every option away."""
    return Abstention(
        "contraindicated",
        LocalizedText("A rule speaks against every option.", "每个方案均被禁忌规则排除。"),
    )


def _limits(valid_range: tuple[float, float] | None, unit: str | None) -> LocalizedText:
    low, high = valid_range if valid_range is not None else (float("-inf"), float("inf"))
    shown = "" if unit in {None, "1"} else f" {unit}"
    return LocalizedText(f"{low:g} to {high:g}{shown}", f"{low:g} 至 {high:g}{shown}")


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
