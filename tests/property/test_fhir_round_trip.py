"""Observations written in any of their units are read as what they were; every answer is read by fhir.resources."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given, settings
from hypothesis import strategies as st

from salus.contracts.batches import Array
from salus.contracts.errors import InvalidInput
from salus.contracts.services import Prediction, Provenance
from salus.contracts.survival import TimeToEvent
from salus.contracts.tasks import Question, Task
from salus.contracts.tensors import Code, Signature, TensorSpec, Variable
from salus.contracts.text import LocalizedText
from salus.contracts.treatment import Choice, Option
from salus.standards.fhir.answers import write_answer
from salus.standards.fhir.observations import read_observations

_WORD = LocalizedText("word <&>", "词")
_UNITS = {
    "8867-4": ("/min", "{beats}/min", "Hz"),
    "2345-7": ("mg/dL", "mmol/L", "g/L"),
    "8310-5": ("Cel", "[degF]", "K"),
}
_FACTORS = {"/min": 1, "{beats}/min": 1, "Hz": 60, "mg/dL": 1, "mmol/L": 18.0156, "g/L": 100}
_VARIABLES = tuple(
    Variable(name=code, title=_WORD, unit=units[0], code=Code(system="http://loinc.org", value=code, display=code))
    for code, units in _UNITS.items()
)
_EVENTS = TensorSpec(
    name="events", datatype="FP32", shape=(-1, -1, 3), title=_WORD, content="events", unit="h", variables=_VARIABLES
)
_START = datetime(2026, 3, 1, tzinfo=UTC)


def _plainly(value: float, unit: str) -> float:
    """The value in the signature's unit, by school arithmetic."""
    if unit == "[degF]":
        return (value - 32) / 1.8
    return value - 273.15 if unit == "K" else value if unit == "Cel" else value * _FACTORS[unit]


_observation = st.tuples(
    st.integers(0, 100_000), st.integers(-14, 14), st.sampled_from(sorted(_UNITS)), st.integers(0, 2), st.floats(1, 500)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_observation, min_size=1, max_size=20))
def test_observations_are_read_as_what_they_were(observations: list[tuple[int, int, str, int, float]]) -> None:
    resources: list[dict[str, Any]] = [
        {"resourceType": "Encounter", "status": "finished", "period": {"start": _START.isoformat()}}
    ]
    expected = []
    names = sorted(_UNITS, key=list(_UNITS).index)
    for seconds, zone_h, code, unit_at, value in observations:
        unit = _UNITS[code][unit_at]
        sign, hours = "-" if zone_h < 0 else "+", abs(zone_h)
        local = (_START + timedelta(seconds=seconds, hours=zone_h)).strftime("%Y-%m-%dT%H:%M:%S")
        resources.append(
            {
                "resourceType": "Observation",
                "status": "final",
                "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
                "effectiveDateTime": f"{local}{sign}{hours:02d}:00",
                "valueQuantity": {"value": value, "system": "http://unitsofmeasure.org", "code": unit},
            }
        )
        expected.append((seconds / 3600, names.index(code), _plainly(value, unit)))
    found = read_observations(json.dumps(resources).encode(), Signature((_EVENTS,), (_EVENTS,)))
    array = np.asarray(found.inputs["events"][0], dtype=np.float64)
    key = np.lexsort(np.round(array, 2).T[::-1])
    twin = np.array(sorted(expected))
    twin_key = np.lexsort(np.round(twin, 2).T[::-1])
    np.testing.assert_allclose(array[key], twin[twin_key], rtol=1e-4, atol=1e-2)
    assert not found.ignored


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "resourceType",
                        "status",
                        "code",
                        "coding",
                        "entry",
                        "resource",
                        "valueQuantity",
                        "value",
                        "subject",
                    ]
                ),
                inner | st.sampled_from(["Bundle", "Observation", "Patient", "collection", "final"]),
                max_size=5,
            )
        ),
        max_leaves=20,
    )
)
def test_any_json_is_read_or_refused_on_purpose(document: Any) -> None:
    try:
        found = read_observations(json.dumps(document).encode(), Signature((_EVENTS,), (_EVENTS,)))
    except InvalidInput:
        return
    assert found.inputs["events"].shape[2] == 3


def _predict(outputs: dict[str, Array]) -> Prediction:
    provenance = Provenance(
        service="s",
        package="p.t",
        version="1",
        digest="ab",
        variant="float32",
        backend="onnxruntime",
        dataset_digest="cd",
        demonstration=False,
        reviewed=False,
        answered_at="2026-03-01T08:00:00.000+00:00",
    )
    return Prediction("request", outputs, (None,), provenance)


def _task(question: Question) -> Task:
    signature = Signature((_EVENTS,), (_EVENTS,))
    return Task(name="t", title=_WORD, question=question, signature=signature, intended_use=_WORD, limits=_WORD)


_anything = st.floats(-(2.0**90), 2.0**90, width=32) | st.just(float("nan"))


@settings(max_examples=60, deadline=None)
@given(st.permutations(range(4)), st.integers(0, 4), st.lists(_anything, min_size=4, max_size=4), st.data())
def test_every_choice_is_conformant_and_keeps_its_order(
    order: list[int], taken_away: int, outcomes: list[float], data: st.DataObject
) -> None:
    question = Choice(
        options=tuple(Option(name=f"o{i}", title=LocalizedText(f"option {i}", f"方案{i}")) for i in range(4)),
        outcome=_WORD,
        unit="mo",
        better=data.draw(st.sampled_from(("higher", "lower"))),
    )
    ranking = np.array([[*order[taken_away:], *[-1] * taken_away]])
    outputs: dict[str, Array] = {
        "outcome": np.array([outcomes], np.float32),
        "outcome_interval": np.array([[[x, data.draw(_anything)] for x in outcomes]], np.float32),
        "ranking": ranking,
    }
    found = write_answer(_task(question), _predict(outputs), 0)
    get_fhir_model_class(found["resourceType"]).model_validate_json(json.dumps(found))
    (group,) = [r for r in found["contained"] if r["resourceType"] == "RequestGroup"]
    told = group["action"][0]["action"]
    assert [a["title"] for a in told if "prefix" in a] == [f"option {i}" for i in order[taken_away:]]
    assert len(told) == 4


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1, width=32) | st.just(float("nan")), min_size=3, max_size=3))
def test_every_curve_is_conformant_and_tells_what_is_known(risks: list[float]) -> None:
    question = TimeToEvent(event=_WORD, unit="mo", times=(6.0, 12.0, 24.0), horizons=(6.0, 12.0, 24.0))
    found = write_answer(_task(question), _predict({"risk": np.array([risks], np.float32)}), 0)
    get_fhir_model_class(found["resourceType"]).model_validate_json(json.dumps(found))
    told = [p["probabilityDecimal"] for p in found.get("prediction", [])]
    np.testing.assert_allclose(told, [100 * risk for risk in risks if not np.isnan(risk)], rtol=1e-5, atol=1e-9)
