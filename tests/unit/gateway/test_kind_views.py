"""The views of the kinds beside classification, from outputs made by arithmetic."""

import msgspec
import numpy as np
import pytest

from salus.contracts.errors import ServiceUnavailable
from salus.contracts.explanations import Attribution, Contribution, HeatStrip
from salus.contracts.services import Abstention, AbstentionReason, Explanation, Prediction, Provenance
from salus.contracts.text import LocalizedText
from salus.gateway.answer_views import PredictionView, SampleView, view_explanation, view_prediction
from salus.testing.kinds import KINDS, Kind, KindPredictor, make_kind_example, make_kind_task

_PROVENANCE = Provenance(
    service="s", package="p", version="1", digest="d", variant="float32", backend="b", dataset_digest="e",
    demonstration=False, reviewed=False, answered_at="2026-11-21T09:30:00+00:00",
)  # fmt: skip
_WHY = LocalizedText("why", "原因")


def _prediction(kind: Kind, abstention: Abstention | None = None, fired: tuple[str, ...] = ()) -> Prediction:
    outputs = dict(KindPredictor(kind).predict(make_kind_example(kind)))
    return Prediction("r", outputs, (abstention,), _PROVENANCE, (fired,))


def _sample(kind: Kind, abstention: Abstention | None = None, fired: tuple[str, ...] = ()) -> SampleView:
    (sample,) = view_prediction(_prediction(kind, abstention, fired), make_kind_task(kind), None, None).samples
    return sample


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_shows_its_own_kind_and_no_other(kind: Kind) -> None:
    own = {"events": {"decision", "probabilities", "prediction_set", "natural_frequency", "course"}}.get(
        kind, {{"survival": "survival", "treatment": "choice", "regression": "value", "planning": "plan"}.get(kind, "")}
    )
    sample = msgspec.to_builtins(_sample(kind))
    assert {name for name, value in sample.items() if value and name != "warnings"} == own


@pytest.mark.parametrize("kind", KINDS)
def test_every_view_is_read_back_as_it_was_written(kind: Kind) -> None:
    view = view_prediction(_prediction(kind), make_kind_task(kind), None, None)
    assert msgspec.json.decode(msgspec.json.encode(view), type=PredictionView) == view
    assert (view.threshold, view.threshold_rule, view.operating_point) == (None, None, None)


def test_the_course_is_told_at_the_times_of_the_question() -> None:
    course = _sample("events").course
    assert course is not None
    assert [point.time for point in course] == [6.0, 12.0]
    assert all(point.probability is not None for point in course)
    outputs = {name: array for name, array in _prediction("events").outputs.items() if name != "course"}
    without = Prediction("r", outputs, (None,), _PROVENANCE)
    assert view_prediction(without, make_kind_task("events"), None, None).samples[0].course is None


def test_nothing_is_told_past_the_last_observed_time() -> None:
    survival = _sample("survival").survival
    assert survival is not None
    assert survival.times == (12.0, 36.0, 60.0)
    assert [value is None for value in survival.curve] == [False, False, True]
    assert [value is None for value in survival.band] == [False, False, True]
    assert survival.last_time == 36.0
    assert survival.median_time is None
    near, far = survival.risks
    assert near.natural_frequency is not None
    assert near.risk is not None
    assert near.natural_frequency.count == round(100 * near.risk)
    assert (far.horizon, far.risk, far.interval, far.natural_frequency) == (60.0, None, None, None)


def test_options_are_told_with_what_speaks_against_them() -> None:
    choice = _sample("treatment", fired=("pregnancy", "too_old")).choice
    assert choice is not None
    assert choice.ranking == ("strong", "mild", "none")
    against = {option.option: [rule.name for rule in option.contraindications] for option in choice.options}
    assert against == {"none": [], "mild": [], "strong": ["too_old", "pregnancy"]}
    assert choice.options[2].contraindications[0].source == "label, 2020"
    assert choice.options[1].interval is not None
    assert choice.observational


@pytest.mark.parametrize(
    ("reason", "shown"), [("poor_overlap", True), ("contraindicated", True), ("missing_value", False)]
)
def test_a_withheld_choice_still_shows_why_it_is(reason: AbstentionReason, shown: bool) -> None:
    sample = _sample("treatment", Abstention(reason, _WHY))
    assert (sample.choice is not None) is shown
    assert sample.abstention is not None


def test_a_number_is_told_with_unit_and_coverage() -> None:
    value = _sample("regression").value
    assert value is not None
    assert (value.value, value.interval, value.unit, value.coverage) == (35.0, (25.0, 45.0), "mg/wk", 0.9)


def test_a_plan_that_cannot_be_read_is_no_answer() -> None:
    broken = Prediction("r", {"plan": np.array([b"{}"], dtype=object)}, (None,), _PROVENANCE)
    with pytest.raises(ServiceUnavailable):
        view_prediction(broken, make_kind_task("planning"), None, None)


_EXPLAINED: dict[Kind, tuple[str | None, str]] = {
    "events": ("alarmed", "log-odds"),
    "survival": (None, "prognostic score"),
    "treatment": ("mild", "effect of “the mild drug” against “no drug”"),
    "regression": (None, "weekly dose"),
}


@pytest.mark.parametrize("kind", list(_EXPLAINED))
def test_reasons_say_what_their_amounts_add_up_to(kind: Kind) -> None:
    target, words = _EXPLAINED[kind]
    place = 0 if target is None else 1
    attribution = Attribution(place, contributions=(Contribution("age", 50.0, 0.5),), base=0.0, output=0.5)
    explanation = Explanation(_prediction(kind), "method", (attribution,))
    reasons = view_explanation(explanation, make_kind_task(kind), None, None).samples[0].explanation
    assert reasons is not None
    assert reasons.target == target
    assert words in reasons.quantity.en
    assert reasons.contributions[0].unit == "a"


def test_a_heat_strip_names_its_variables_and_leaves_unknown_unknown() -> None:
    strip = HeatStrip("observations", (0.0, 1.0, 2.0), ("Lactate", "?"), np.array([[0.5, np.nan], [0, 0]], np.float32))
    parts = (Contribution("observations", None, 0.5),)
    explanation = Explanation(_prediction("events"), "method", (Attribution(1, contributions=parts, strip=strip),))
    reasons = view_explanation(explanation, make_kind_task("events"), None, None).samples[0].explanation
    assert reasons is not None
    assert reasons.strip is not None
    assert (reasons.strip.unit, reasons.strip.edges) == ("h", (0.0, 1.0, 2.0))
    first, second = reasons.strip.rows
    assert (first.title.zh, first.unit, first.amounts) == ("乳酸", "mmol/L", (0.5, None))
    assert (second.title.en, second.unit) == ("?", None)
    assert (reasons.contributions[0].value, reasons.contributions[0].unit) == (None, None)
