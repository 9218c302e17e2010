"""How much: a number with its interval."""

from __future__ import annotations

import msgspec

from salus.contracts.batches import Batch
from salus.contracts.regression import Regression
from salus.contracts.text import LocalizedText
from salus.gateway.views.numbers import read_intervals, read_number


class ValueView(msgspec.Struct, frozen=True, kw_only=True):
    """A quantity in `unit`. The interval holds the truth for the share `coverage` of new samples."""

    quantity: LocalizedText
    value: float | None
    interval: tuple[float, float] | None
    unit: str
    coverage: float


def view_value(outputs: Batch, index: int, question: Regression) -> ValueView:
    """The number of one sample."""
    return ValueView(
        quantity=question.quantity,
        value=read_number(outputs["value"][index]),
        interval=read_intervals(outputs["value_interval"][index : index + 1])[0],
        unit=question.unit,
        coverage=question.coverage,
    )
