"""The parts of an answer that belong to one kind of question. Times, outcomes and values are in the stated unit."""

from __future__ import annotations

from typing import Literal

import msgspec

from salus.contracts.text import LocalizedText


class NaturalFrequency(msgspec.Struct, frozen=True, kw_only=True):
    """About `count` of `of` such samples have the finding."""

    count: int
    of: int


class CoursePoint(msgspec.Struct, frozen=True, kw_only=True):
    """The finding's probability given what was known up to `time`; None where nothing was."""

    time: float
    probability: float | None


class HorizonRisk(msgspec.Struct, frozen=True, kw_only=True):
    """Probability of the event up to a horizon, with its 95 % interval; None past the last observed time."""

    horizon: float
    risk: float | None
    interval: tuple[float, float] | None
    natural_frequency: NaturalFrequency | None


class SurvivalCurve(msgspec.Struct, frozen=True, kw_only=True):
    """How long until `event`: the probability of no event up to each of `times`, with its 95 % band.

    Nothing is told past `last_time`. `median_time` is None where fewer than half have had the event by then.
    A higher `score` is an earlier event.
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

    def risk(self, horizon: float) -> float | None:
        """The risk at a horizon; None where it is not told.

        Raises:
            KeyError: The service tells no risk at that time.
        """
        return {each.horizon: each.risk for each in self.risks}[horizon]


class RuleFact(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that fired against an option, and where it is written."""

    name: str
    reason: LocalizedText
    source: str


class OptionFact(msgspec.Struct, frozen=True, kw_only=True):
    """One option: its expected outcome and effect (None where a rule takes it away), and how often it was given."""

    option: str
    title: LocalizedText
    outcome: float | None
    interval: tuple[float, float] | None
    effect: float | None
    effect_interval: tuple[float, float] | None
    propensity: float | None
    contraindications: tuple[RuleFact, ...]


class OptionChoice(msgspec.Struct, frozen=True, kw_only=True):
    """The options of a sample; `ranking` names them, best first, without those that were taken away."""

    outcome: LocalizedText
    unit: str
    better: Literal["higher", "lower"]
    observational: bool
    ranking: tuple[str, ...]
    options: tuple[OptionFact, ...]

    def option(self, name: str) -> OptionFact:
        """The option called `name`.

        Raises:
            KeyError: There is none.
        """
        return {each.option: each for each in self.options}[name]


class Quantity(msgspec.Struct, frozen=True, kw_only=True):
    """A number with an interval that holds the truth for the share `coverage` of new samples."""

    quantity: LocalizedText
    value: float | None
    interval: tuple[float, float] | None
    unit: str
    coverage: float


class StripRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one variable added in each stretch of time; None where nothing was observed."""

    variable: str
    title: LocalizedText
    unit: str | None
    amounts: tuple[float | None, ...]


class Strip(msgspec.Struct, frozen=True, kw_only=True):
    """A heat strip; `edges` are the ends of the stretches. The most decisive variable comes first."""

    input: str
    unit: str
    edges: tuple[float, ...]
    rows: tuple[StripRow, ...]
