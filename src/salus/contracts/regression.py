"""How much? The question of a number such as a dose, and the outputs of every served answer to it."""

from __future__ import annotations

import msgspec

from salus.contracts.tensors import Code, TensorSpec
from salus.contracts.text import LocalizedText


class Regression(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="regression"
):
    """A number in a unit.

    In a `Split`, `targets["value"]` is the truth; `labels` are 0 unless the numbers fall into named levels.

    Attributes:
        quantity: What is asked: `weekly dose of warfarin`.
        unit: Its UCUM unit.
        code: Its concept, where a terminology has one.
        coverage: Share of new samples whose interval shall hold the truth (split conformal prediction).
        close: A share of the truth: how often the answer is within it is reported as `within`; None leaves it out.
    """

    quantity: LocalizedText
    unit: str
    code: Code | None = None
    coverage: float = 0.9
    close: float | None = None


def regression_outputs(question: Regression) -> tuple[TensorSpec, ...]:
    """The outputs of every served regression."""
    percent = f"{100 * question.coverage:g}"
    return (
        TensorSpec(
            name="value",
            datatype="FP32",
            shape=(-1,),
            title=question.quantity,
            unit=question.unit,
            code=question.code,
        ),
        TensorSpec(
            name="value_interval",
            datatype="FP32",
            shape=(-1, 2),
            title=LocalizedText(
                f"holds the truth for {percent} % of new samples", f"对 {percent}% 的新样本包含真值的区间"
            ),
            unit=question.unit,
        ),
    )
