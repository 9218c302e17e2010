"""Which option: the expected outcome under each, the ranking, what it rests on, and what speaks against an option."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np

from salus.contracts.batches import Batch
from salus.contracts.text import LocalizedText
from salus.contracts.treatment import Choice
from salus.gateway.views.numbers import read_intervals, read_numbers


class ContraindicationView(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that fired: why the option is taken away, and where that is written."""

    name: str
    reason: LocalizedText
    source: str


class OptionView(msgspec.Struct, frozen=True, kw_only=True):
    """One option. Outcome and effect are null where a rule takes it away or the sample is withheld.

    `effect` is the outcome less that under the first option. `propensity` is the share of such patients who were
    given the option, from 0 to 1.
    """

    option: str
    title: LocalizedText
    outcome: float | None
    interval: tuple[float, float] | None
    effect: float | None
    effect_interval: tuple[float, float] | None
    propensity: float | None
    contraindications: tuple[ContraindicationView, ...]


class ChoiceView(msgspec.Struct, frozen=True, kw_only=True):
    """The options, the best first in `ranking`; without a ranking where the sample is withheld."""

    outcome: LocalizedText
    unit: str
    better: Literal["higher", "lower"]
    observational: bool
    ranking: tuple[str, ...]
    options: tuple[OptionView, ...]


def view_choice(outputs: Batch, index: int, question: Choice, fired: tuple[str, ...]) -> ChoiceView:
    """The options of one sample.

    Args:
        outputs: The service's.
        index: The sample.
        question: Names the options.
        fired: Names of the rules that fired.
    """
    numbers = {name: read_numbers(outputs[name][index]) for name in ("outcome", "effect", "propensity")}
    intervals = {name: read_intervals(outputs[name][index]) for name in ("outcome_interval", "effect_interval")}
    ranking = np.asarray(outputs["ranking"][index], dtype=np.int64)
    against = [rule for rule in question.rules if rule.name in fired]
    return ChoiceView(
        outcome=question.outcome,
        unit=question.unit,
        better=question.better,
        observational=question.observational,
        ranking=tuple(question.options[place].name for place in ranking if place >= 0),
        options=tuple(
            OptionView(
                option=option.name,
                title=option.title,
                outcome=numbers["outcome"][place],
                interval=intervals["outcome_interval"][place],
                effect=numbers["effect"][place],
                effect_interval=intervals["effect_interval"][place],
                propensity=numbers["propensity"][place],
                contraindications=tuple(
                    ContraindicationView(name=rule.name, reason=rule.reason, source=rule.source)
                    for rule in against
                    if rule.option == option.name
                ),
            )
            for place, option in enumerate(question.options)
        ),
    )
