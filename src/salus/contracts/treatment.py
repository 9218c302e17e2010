"""Which option for this patient? The question of a choice between treatments, its rules, and its outputs."""

from __future__ import annotations

from typing import Literal

import msgspec

from salus.contracts.tensors import Code, TensorSpec
from salus.contracts.text import LocalizedText


class Option(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One option: its name for machines, its title for people, its concept where a terminology has one."""

    name: str
    title: LocalizedText
    code: Code | None = None


class Contraindication(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule that takes an option away, checked before the model is asked.

    Attributes:
        name: Stable, for machines and the audit.
        option: The option's name.
        input: The scalar or category input that decides.
        comparison: How the input's value is compared with `value`. A missing value fires no rule.
        value: In the input's unit; of a category, its index.
        reason: Why, in words.
        source: Where it is written: guideline, label, paper, with its date.
    """

    name: str
    option: str
    input: str
    comparison: Literal["<", "<=", "==", ">=", ">"]
    value: float
    reason: LocalizedText
    source: str


class Choice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="treatment"):
    """Which of some options gives this patient the best expected outcome.

    In a `Split`, `labels` is the index of the option that was given, and `targets["outcome"]` what came of it.

    Attributes:
        options: The first is the reference that effects are told against.
        outcome: What is expected, in words: `months without recurrence within five years`.
        unit: UCUM unit of the outcome; `1` for a probability or a score.
        better: Whether a higher or a lower outcome is better.
        rules: Checked before the model and shown with its answer.
        observational: True where the options were not assigned at random; said on every answer.
    """

    options: tuple[Option, ...]
    outcome: LocalizedText
    unit: str
    better: Literal["higher", "lower"]
    rules: tuple[Contraindication, ...] = ()
    observational: bool = True

    def __post_init__(self) -> None:
        names = [option.name for option in self.options]
        if len(names) < 2 or len(set(names)) != len(names):
            raise ValueError(f"expected two options or more, no name twice; found {names}")
        unknown = sorted({rule.option for rule in self.rules} - set(names))
        if unknown:
            raise ValueError(f"expected rules about the options {names}; found {unknown}")


def treatment_outputs(question: Choice) -> tuple[TensorSpec, ...]:
    """The outputs of every served treatment model, for K options."""
    count = len(question.options)
    return (
        TensorSpec(
            name="outcome",
            datatype="FP32",
            shape=(-1, count),
            title=LocalizedText("expected outcome under each option", "各方案下的预期结局"),
            unit=question.unit,
        ),
        TensorSpec(
            name="outcome_interval",
            datatype="FP32",
            shape=(-1, count, 2),
            title=LocalizedText("95 % interval of each expected outcome", "各预期结局的 95% 区间"),
            unit=question.unit,
        ),
        TensorSpec(
            name="effect",
            datatype="FP32",
            shape=(-1, count),
            title=LocalizedText("expected outcome less that under the first option", "与首个方案相比的预期结局差值"),
            unit=question.unit,
        ),
        TensorSpec(
            name="effect_interval",
            datatype="FP32",
            shape=(-1, count, 2),
            title=LocalizedText("95 % interval of each effect", "各效应的 95% 区间"),
            unit=question.unit,
        ),
        TensorSpec(
            name="ranking",
            datatype="INT64",
            shape=(-1, count),
            title=LocalizedText(
                "indices of the options, best first; -1 where a rule took one away",
                "方案序号，由优到劣；被规则排除者为 -1",
            ),
        ),
        TensorSpec(
            name="propensity",
            datatype="FP32",
            shape=(-1, count),
            title=LocalizedText("share of such patients who were given each option", "同类患者接受各方案的比例"),
            unit="1",
            valid_range=(0.0, 1.0),
        ),
        TensorSpec(
            name="overlap",
            datatype="BOOL",
            shape=(-1,),
            title=LocalizedText(
                "whether such patients were given each option often enough to compare",
                "同类患者接受各方案的人数是否足以比较",
            ),
        ),
    )
