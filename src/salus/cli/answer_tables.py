"""Answers as rows: a few telling columns for the terminal, every figure for a CSV file, by the kind of the question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from salus.contracts.classification import Classification
from salus.contracts.planning import Planning
from salus.contracts.regression import Regression
from salus.contracts.survival import TimeToEvent
from salus.contracts.tasks import Question
from salus.contracts.treatment import Choice
from salus.gateway.answer_views import SampleView

MOST_HORIZONS = 3
"""Risks that a line of the terminal shows; the first ones."""


def list_headers(question: Question) -> list[str]:
    """The terminal's columns, between the sample's name and why it is not answered."""
    match question:
        case Classification():
            return ["CALLED", "PROBABILITY", "95 % INTERVAL"]
        case TimeToEvent():
            shown = question.horizons[:MOST_HORIZONS]
            return [*(f"RISK BY {time:g} {question.unit}" for time in shown), f"MEDIAN [{question.unit}]"]
        case Choice():
            return ["BEST", f"EXPECTED [{question.unit}]", "95 % INTERVAL", "EFFECT", "RULED OUT"]
        case Regression():
            return [f"VALUE [{question.unit}]", f"{100 * question.coverage:g} % INTERVAL"]
        case Planning():
            return ["COST", "VIOLATIONS", "BOUND", "MOVES", "CHANGED"]


def list_cells(question: Question, sample: SampleView) -> list[object]:
    """The cells under `list_headers`; empty ones where the sample is not answered."""
    cells = _cells_of(sample)
    return cells if cells is not None else [""] * len(list_headers(question))


def _cells_of(sample: SampleView) -> list[object] | None:
    if sample.probabilities is not None and sample.decision is not None:
        called = next(each for each in sample.probabilities if each.class_ == sample.decision.class_)
        return [sample.decision.title.en, f"{called.probability:.3f}", _interval(called.interval, ".3f")]
    if sample.survival is not None:
        risks: list[object] = [
            "—" if each.risk is None else f"{each.risk:.3f} ({_interval(each.interval, '.3f')})"
            for each in sample.survival.risks[:MOST_HORIZONS]
        ]
        return [*risks, "—" if sample.survival.median_time is None else f"{sample.survival.median_time:.4g}"]
    if sample.choice is not None:
        return _cells_of_choice(sample)
    if sample.value is not None:
        return [_number(sample.value.value), _interval(sample.value.interval, ".4g")]
    if sample.plan is not None:
        plan = sample.plan
        return [
            f"{plan.cost:g}",
            sum(plan.violations.values()),
            _number(plan.bound),
            plan.iterations,
            len(plan.changes),
        ]
    return None


def _cells_of_choice(sample: SampleView) -> list[object]:
    if sample.choice is None:
        return []
    ruled_out = ", ".join(option.option for option in sample.choice.options if option.contraindications)
    best = next((option for option in sample.choice.options if option.option in sample.choice.ranking[:1]), None)
    if best is None:
        return ["", "", "", "", ruled_out]
    return [
        best.title.en, _number(best.outcome), _interval(best.interval, ".4g"), _number(best.effect), ruled_out,
    ]  # fmt: skip


def list_columns(question: Question) -> list[str]:
    """The columns of a CSV file, between `sample` and `abstention`."""
    match question:
        case Classification():
            course = [f"p_by_{time:g}" for time in question.course]
            return ["called", *(f"p_{label.name}" for label in question.classes), *course]
        case TimeToEvent():
            risks = [f"risk_{time:g}{end}" for time in question.horizons for end in ("", "_low", "_high")]
            return [*risks, "median_time", "score", *(f"survival_{time:g}" for time in question.times)]
        case Choice():
            each = ("outcome", "outcome_low", "outcome_high", "effect", "effect_low", "effect_high", "propensity")
            named = [f"{figure}_{option.name}" for option in question.options for figure in each]
            return ["ranking", *named, "contraindications"]
        case Regression():
            return ["value", "low", "high"]
        case Planning():
            return ["cost", "violations", "bound", *(term.name for term in question.costs)]


def list_figures(question: Question, sample: SampleView) -> list[str]:
    """The fields under `list_columns`; empty where the sample is not answered or a figure is not known."""
    fields = _figures_of(sample)
    if isinstance(question, Planning) and sample.plan is not None:
        fields += _exact(sample.plan.costs.get(term.name) for term in question.costs)
    width = len(list_columns(question))
    return [*fields, *[""] * (width - len(fields))]


def _figures_of(sample: SampleView) -> list[str]:
    if sample.probabilities is not None and sample.decision is not None:
        known = [f"{each.probability:.6f}" for each in sample.probabilities]
        return [sample.decision.class_, *known, *_exact(point.probability for point in sample.course or ())]
    if sample.survival is not None:
        curve = sample.survival
        risks = [field for each in curve.risks for field in (*_exact([each.risk]), *_ends(each.interval))]
        return [*risks, *_exact([curve.median_time, curve.score]), *_exact(curve.curve)]
    if sample.choice is not None:
        named = [
            field
            for option in sample.choice.options
            for field in (
                *_exact([option.outcome]),
                *_ends(option.interval),
                *_exact([option.effect]),
                *_ends(option.effect_interval),
                *_exact([option.propensity]),
            )
        ]
        rules = [rule.name for option in sample.choice.options for rule in option.contraindications]
        return [" ".join(sample.choice.ranking), *named, " ".join(rules)]
    if sample.value is not None:
        return [*_exact([sample.value.value]), *_ends(sample.value.interval)]
    if sample.plan is not None:
        plan = sample.plan
        counted = str(sum(plan.violations.values()))
        return [f"{plan.cost:g}", counted, *_exact([plan.bound])]
    return []


def _exact(values: Iterable[float | None]) -> list[str]:
    return ["" if value is None else f"{value:.6g}" for value in values]


def _ends(interval: tuple[float, float] | None) -> Sequence[str]:
    return ("", "") if interval is None else tuple(f"{end:.6g}" for end in interval)


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.4g}"


def _interval(interval: tuple[float, float] | None, form: str) -> str:
    return "—" if interval is None else f"{interval[0]:{form}} to {interval[1]:{form}}"
