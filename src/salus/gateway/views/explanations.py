"""Why: a heatmap, contributions, a heat strip, and what their amounts add up to."""

from __future__ import annotations

import msgspec
import numpy as np

from salus.contracts.classification import Classification
from salus.contracts.explanations import Attribution, Contribution, HeatStrip
from salus.contracts.planning import Planning
from salus.contracts.regression import Regression
from salus.contracts.survival import TimeToEvent
from salus.contracts.tasks import Task
from salus.contracts.text import LocalizedText
from salus.contracts.treatment import Choice
from salus.gateway.views.numbers import read_numbers

_HEATMAP_DECIMALS = 4


class HeatmapView(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence on the grid of the network's features, from 0 to 1, row by row, to be stretched over the picture."""

    height: int
    width: int
    values: list[list[float]]


class ContributionView(msgspec.Struct, frozen=True, kw_only=True):
    """What one input added to the explained quantity. Observations over time count as one, without a value."""

    name: str
    title: LocalizedText
    value: float | None
    unit: str | None
    amount: float


class StripRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one variable added in each stretch of time; null where nothing was observed."""

    variable: str
    title: LocalizedText
    unit: str | None
    amounts: tuple[float | None, ...]


class StripView(msgspec.Struct, frozen=True, kw_only=True):
    """A heat strip: `edges` (in `unit`) are the ends of the stretches; the most decisive variable first."""

    input: str
    unit: str
    edges: tuple[float, ...]
    rows: tuple[StripRow, ...]


class ExplanationView(msgspec.Struct, frozen=True, kw_only=True):
    """Why: a heatmap for pictures; contributions, which with `base` add up to `output`; a strip for events.

    `target` names the class or option that is explained; null where there is one output. `quantity` is what the
    amounts are in.
    """

    target: str | None
    quantity: LocalizedText
    heatmap: HeatmapView | None
    contributions: tuple[ContributionView, ...]
    base: float | None
    output: float | None
    strip: StripView | None = None


def view_attribution(attribution: Attribution, task: Task) -> ExplanationView:
    """The reasons of one sample."""
    target, quantity = _explained(attribution.target, task)
    heatmap = None
    if attribution.heatmap is not None:
        height, width = attribution.heatmap.shape
        values = np.round(attribution.heatmap.astype(np.float64), _HEATMAP_DECIMALS).tolist()
        heatmap = HeatmapView(height=height, width=width, values=values)
    return ExplanationView(
        target=target,
        quantity=quantity,
        heatmap=heatmap,
        contributions=tuple(_view_contribution(part, task) for part in attribution.contributions),
        base=attribution.base,
        output=attribution.output,
        strip=None if attribution.strip is None else _view_strip(attribution.strip, task),
    )


def _explained(target: int, task: Task) -> tuple[str | None, LocalizedText]:
    """The target's name, and what the amounts are in."""
    question = task.question
    match question:
        case Classification():
            label = question.classes[target]
            words = LocalizedText(f"log-odds of “{label.title.en}”", f"“{label.title.zh}”的对数几率")
            return label.name, words
        case Choice():
            option, reference = question.options[target], question.options[0]
            return option.name, LocalizedText(
                f"effect of “{option.title.en}” against “{reference.title.en}” ({question.outcome.en})",
                f"“{option.title.zh}”相对“{reference.title.zh}”的效应（{question.outcome.zh}）",
            )
        case TimeToEvent():
            return None, LocalizedText(
                "prognostic score (ln of the cumulative hazard)", "预后评分（累积风险的自然对数）"
            )
        case Regression():
            return None, question.quantity
        case Planning():
            return None, LocalizedText("cost", "代价")


def _view_contribution(part: Contribution, task: Task) -> ContributionView:
    spec = task.signature.input(part.name)
    return ContributionView(
        name=part.name,
        title=LocalizedText(part.name, part.name) if spec is None else spec.title,
        value=part.value,
        unit=None if spec is None or spec.content == "events" else spec.unit,
        amount=part.amount,
    )


def _view_strip(strip: HeatStrip, task: Task) -> StripView:
    spec = task.signature.input(strip.input)
    known = {} if spec is None else {variable.name: variable for variable in spec.variables}
    rows = []
    for name, amounts in zip(strip.variables, strip.amounts, strict=True):
        variable = known.get(name)
        rows.append(
            StripRow(
                variable=name,
                title=LocalizedText(name, name) if variable is None else variable.title,
                unit=None if variable is None else variable.unit,
                amounts=tuple(read_numbers(amounts)),
            )
        )
    unit = "1" if spec is None or spec.unit is None else spec.unit
    return StripView(input=strip.input, unit=unit, edges=strip.edges, rows=tuple(rows))
