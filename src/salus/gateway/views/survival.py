"""How long until: the curve with its band, the risks at the horizons, the median."""

from __future__ import annotations

import msgspec

from salus.contracts.batches import Batch
from salus.contracts.survival import TimeToEvent
from salus.contracts.text import LocalizedText
from salus.gateway.views.numbers import (
    NaturalFrequency,
    as_natural_frequency,
    read_intervals,
    read_number,
    read_numbers,
)


class HorizonRisk(msgspec.Struct, frozen=True, kw_only=True):
    """Probability of the event up to a horizon, with its 95 % interval; null past the last observed time."""

    horizon: float
    risk: float | None
    interval: tuple[float, float] | None
    natural_frequency: NaturalFrequency | None


class SurvivalView(msgspec.Struct, frozen=True, kw_only=True):
    """Probability of no event up to each of `times` (in `unit`), with its 95 % band.

    `last_time` is the last one that is told: past the follow-up of the training data nothing is. `median_time` is
    null where fewer than half of such patients have had the event by then. A higher `score` is an earlier event.
    """

    event: LocalizedText
    unit: str
    times: tuple[float, ...]
    curve: tuple[float | None, ...]
    band: tuple[tuple[float, float] | None, ...]
    last_time: float | None
    median_time: float | None
    score: float | None
    risks: tuple[HorizonRisk, ...]


def view_survival(outputs: Batch, index: int, question: TimeToEvent) -> SurvivalView:
    """The curve of one sample."""
    curve = read_numbers(outputs["survival"][index])
    told = [time for time, value in zip(question.times, curve, strict=True) if value is not None]
    risks = zip(
        question.horizons,
        read_numbers(outputs["risk"][index]),
        read_intervals(outputs["risk_interval"][index]),
        strict=True,
    )
    return SurvivalView(
        event=question.event,
        unit=question.unit,
        times=question.times,
        curve=tuple(curve),
        band=tuple(read_intervals(outputs["survival_band"][index])),
        last_time=told[-1] if told else None,
        median_time=read_number(outputs["median_time"][index]),
        score=read_number(outputs["score"][index]),
        risks=tuple(
            HorizonRisk(
                horizon=horizon,
                risk=risk,
                interval=interval,
                natural_frequency=None if risk is None else as_natural_frequency(risk),
            )
            for horizon, risk, interval in risks
        ),
    )
