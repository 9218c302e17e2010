from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from salus.contracts.batches import Array
from salus.contracts.errors import InvalidInput, UnsupportedInput
from salus.contracts.tensors import Code, Signature, TensorSpec, Variable
from salus.contracts.text import LocalizedText
from salus.standards.fhir.observations import ObservedInputs, read_observations

_WORD = LocalizedText("word", "词")


def _loinc(value: str) -> Code:
    return Code(system="http://loinc.org", value=value, display=value)


def _scalar(name: str, unit: str | None = "1", code: str | None = None, **more: Any) -> TensorSpec:
    return TensorSpec(
        name=name,
        datatype=more.pop("datatype", "FP32"),
        shape=(-1,),
        title=_WORD,
        content="category" if "categories" in more else "scalar",
        unit=unit,
        code=None if code is None else _loinc(code),
        missing="model",
        **more,
    )


_VARIABLES = (
    Variable(name="HR", title=_WORD, unit="/min", code=_loinc("8867-4")),
    Variable(name="SysABP", title=_WORD, unit="mm[Hg]", code=_loinc("8480-6"), more_codes=(_loinc("76215-3"),)),
    Variable(name="Glucose", title=_WORD, unit="mg/dL", code=_loinc("2345-7"), more_codes=(_loinc("15074-8"),)),
    Variable(name="MechVent", title=_WORD, unit="1", code=_loinc("19994-3"), valid_range=(0.0, 1.0)),
)
_EVENTS = TensorSpec(
    name="events",
    datatype="FP32",
    shape=(-1, -1, 3),
    title=_WORD,
    content="events",
    unit="h",
    variables=_VARIABLES,
    valid_range=(0.0, 48.0),
)
_SEX = _scalar("sex", None, categories=(LocalizedText("female", "女"), LocalizedText("male", "男")))
_ICU = Signature(
    inputs=(_scalar("age", "a"), _SEX, _scalar("height", "cm", "8302-2"), _EVENTS), outputs=(_scalar("y"),)
)


def _quantity(value: float | None, code: str | None, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"unit": "unit", **more}
    if value is not None:
        found["value"] = value
    if code is not None:
        found |= {"system": "http://unitsofmeasure.org", "code": code}
    return found


def _observation(
    code: str, value: Any = None, unit: str | None = None, at: str | None = None, **more: Any
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": "Patient/1"},
    }
    if unit is not None or isinstance(value, int | float):
        found["valueQuantity"] = _quantity(value, unit)
    if at is not None:
        found["effectiveDateTime"] = at
    return {name: element for name, element in {**found, **more}.items() if element is not None}


_PATIENT = {"resourceType": "Patient", "id": "1", "gender": "female", "birthDate": "1960-03-02"}
_ENCOUNTER = {
    "resourceType": "Encounter",
    "status": "in-progress",
    "subject": {"reference": "Patient/1"},
    "period": {"start": "2026-03-01T08:00:00+08:00"},
}


def _bundle(*resources: dict[str, Any], **more: Any) -> bytes:
    entries = [{"resource": resource} for resource in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries, **more}).encode()


def _read(*resources: dict[str, Any], signature: Signature = _ICU, **more: Any) -> ObservedInputs:
    return read_observations(_bundle(*resources), signature, **more)


def _events(found: ObservedInputs) -> list[list[float]]:
    array: Array = found.inputs["events"]
    assert array.shape[0] == 1
    assert array.dtype == np.float32
    return [[round(float(x), 4) for x in row] for row in array[0] if not np.isnan(row.astype(float)).all()]


def _ignored(found: ObservedInputs) -> dict[str, int]:
    return {entry.reason: entry.count for entry in found.ignored}


def test_a_stay_becomes_the_inputs_of_one_sample() -> None:
    found = _read(
        _PATIENT,
        _ENCOUNTER,
        _observation("8867-4", 88, "{beats}/min", "2026-03-01T09:30:00+08:00", id="hr"),
        _observation("15074-8", 5.5, "mmol/L", "2026-03-01T04:00:00Z"),
        _observation("8302-2", 1.65, "m", "2020-01-01"),
        _observation("718-7", 9.9, "g/dL", "2026-03-01T04:00:00Z"),
    )
    assert _events(found) == [[1.5, 0, 88], [4.0, 2, 99.0858]]
    assert list(found.inputs) == ["age", "sex", "height", "events"]
    assert found.inputs["age"].tolist() == [65.0]  # the birthday is tomorrow
    assert found.inputs["sex"].tolist() == [0.0]
    assert found.inputs["height"].tolist() == [165.0]
    assert _ignored(found) == {"other_code": 1}
    assert found.subject == "Patient/1"
    assert found.basis == ("Observation/hr",)
    assert found.start == datetime(2026, 3, 1, tzinfo=UTC)
    assert found.end == datetime(2026, 3, 1, 4, tzinfo=UTC)


def test_without_an_encounter_times_count_from_the_first_observation_that_is_asked_for() -> None:
    found = _read(
        _observation("718-7", 9.9, "g/dL", "2026-02-01T04:00:00Z"),
        _observation("8867-4", 90, "/min", "2026-03-01T10:00:00+01:00"),
        _observation("8867-4", 88, "/min", "2026-03-01T08:30:00Z"),
    )
    assert _events(found) == [[0.0, 0, 88], [0.5, 0, 90]]


def test_a_start_and_an_end_may_be_told() -> None:
    observations = [_observation("8867-4", 80 + hour, "/min", f"2026-03-01T{hour:02d}:00:00Z") for hour in range(6)]
    start, end = (datetime(2026, 3, 1, hour, tzinfo=UTC) for hour in (2, 4))
    found = _read(*observations, start=start, end=end)
    assert _events(found) == [[0.0, 0, 82], [1.0, 0, 83], [2.0, 0, 84]]
    assert _ignored(found) == {"before_start": 2, "after_end": 1}
    with pytest.raises(InvalidInput, match="without its zone"):
        _read(*observations, start=datetime(2026, 3, 1))


def test_what_comes_after_the_time_that_is_judged_is_not_used() -> None:
    found = _read(
        _ENCOUNTER,
        _observation("8867-4", 80, "/min", "2026-03-03T00:00:00Z"),
        _observation("8867-4", 99, "/min", "2026-03-03T00:00:01Z"),
        _observation("8302-2", 170, "cm", "2026-03-04T00:00:00Z"),
    )
    assert _events(found) == [[48.0, 0, 80]]
    assert np.isnan(found.inputs["height"].astype(float)).all()
    assert _ignored(found) == {"after_end": 2}


def test_the_components_of_a_blood_pressure_are_read() -> None:
    panel = _observation(
        "85354-9",
        at="2026-03-01T00:00:00Z",
        component=[
            {
                "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]},
                "valueQuantity": _quantity(16.0, "kPa"),
            },
            {
                "code": {"coding": [{"system": "http://loinc.org", "code": "8462-4"}]},
                "valueQuantity": _quantity(70, "mm[Hg]"),
            },
        ],
    )
    assert _events(_read(panel)) == [[0.0, 1, 120.0102]]


def test_an_observation_over_a_period_counts_from_its_end() -> None:
    period = {"start": "2026-03-01T00:00:00Z", "end": "2026-03-01T02:00:00Z"}
    found = _read(
        _ENCOUNTER,
        _observation("8867-4", 80, "/min", effectivePeriod=period),
        _observation("8867-4", 81, "/min", effectivePeriod={"start": "2026-03-01T00:00:00Z"}),
        _observation("8867-4", 82, "/min", effectiveInstant="2026-03-01T01:00:00.500Z"),
        _observation("8867-4", 83, "/min"),
    )
    assert _events(found) == [[1.0001, 0, 82], [2.0, 0, 80]]
    assert _ignored(found) == {"no_time": 2}


@pytest.mark.parametrize(
    "at", ["2026-03-01T10:00:00", "2026-03-01", "2026-03", "2026", "yesterday", "2026-02-30T00:00:00Z"]
)
def test_a_time_that_is_not_fully_known_is_refused(at: str) -> None:
    with pytest.raises(InvalidInput, match="zone") as caught:
        _read(_ENCOUNTER, _observation("8867-4", 80, "/min", at))
    assert "entry[1].resource" in caught.value.found
    assert at not in str(caught.value) or at == "2026"  # the remedy's example has a year


def test_where_days_are_counted_a_date_is_enough() -> None:
    visits = TensorSpec(
        name="visits",
        datatype="FP32",
        shape=(-1, -1, 3),
        title=_WORD,
        content="events",
        unit="d",
        variables=(_VARIABLES[0],),
    )
    found = read_observations(
        _bundle(
            _observation("8867-4", 80, "/min", "2026-03-01"), _observation("8867-4", 70, "/min", "2026-03-31T10:00:00Z")
        ),
        Signature((visits,), (visits,)),
    )
    assert found.inputs["visits"].tolist() == [[[0.0, 0.0, 80.0], [30.0, 0.0, 70.0]]]


def test_a_leap_second_is_the_second_before_and_one() -> None:
    found = _read(
        _observation("8867-4", 80, "/min", "2016-12-31T23:59:60Z"),
        _observation("8867-4", 81, "/min", "2017-01-01T01:00:00Z"),
    )
    assert [row[0] for row in _events(found)] == [0.0, 1.0]


@pytest.mark.parametrize("unit", ["MG/DL", "mmHg", "[iU]/L", "mmol"])
def test_a_unit_that_cannot_be_converted_is_refused(unit: str) -> None:
    with pytest.raises(UnsupportedInput, match=r"entry\[0\]"):
        _read(_observation("2345-7", 5.5, unit, "2026-03-01T00:00:00Z"))


def test_a_number_without_a_coded_unit_is_refused() -> None:
    with pytest.raises(InvalidInput, match="coded in UCUM"):
        _read(_observation("8867-4", 80, at="2026-03-01T00:00:00Z"))
    with pytest.raises(InvalidInput, match="without unit"):
        _read(_observation("8867-4", at="2026-03-01T00:00:00Z", valueInteger=80))


def test_a_whole_number_or_a_boolean_is_a_bare_number() -> None:
    found = _read(
        _ENCOUNTER,
        _observation("19994-3", at="2026-03-01T00:00:00Z", valueBoolean=True),
        _observation("19994-3", at="2026-03-01T01:00:00Z", valueInteger=0),
        _observation("8867-4", at="2026-03-01T01:00:00Z", valueBoolean=True),
    )
    assert _events(found) == [[0.0, 3, 1], [1.0, 3, 0]]
    assert _ignored(found) == {"value_type": 1}


def test_what_is_no_valid_result_is_counted_and_told() -> None:
    at = "2026-03-01T00:00:00Z"
    modifier = [{"url": "http://example.org/not", "valueBoolean": True}]
    found = _read(
        *(
            _observation("8867-4", 80, "/min", at, status=s)
            for s in ("entered-in-error", "cancelled", "registered", "x")
        ),
        _observation("8867-4", at=at, dataAbsentReason={"text": "lost"}),
        _observation("8867-4", 80, "/min", at, dataAbsentReason={"text": "lost"}),
        _observation("8867-4", at=at),
        _observation("8867-4", at=at, valueString="fast"),
        _observation("8867-4", 80, "/min", at, valueQuantity=_quantity(80, "/min", comparator=">")),
        _observation("8867-4", 80, "/min", at, modifierExtension=modifier),
        _observation("8867-4", 80, "/min", at, implicitRules="http://example.org/rules"),
        _observation("8867-4", 80, "/min", at, focus=[{"reference": "Patient/fetus"}]),
        _observation("8867-4", 80, "/min", at, subject={"reference": "Device/2"}),
        {"resourceType": "Medication"},
    )
    assert _events(found) == []
    assert found.inputs["events"].shape == (1, 1, 3)
    assert _ignored(found) == {
        "status": 4,
        "absent": 3,
        "modified": 2,
        "other_subject": 2,
        "value_type": 1,
        "comparator": 1,
        "other_resource": 1,
    }
    assert all(entry.message.en and entry.message.zh for entry in found.ignored)


def test_the_last_value_of_a_scalar_counts() -> None:
    found = _read(
        _observation("8302-2", 170, "cm", "2026-01-03T00:00:00Z"),
        _observation("8302-2", 172, "cm", "2026-01-05T01:00:00+02:00"),
        _observation("8302-2", 171, "cm", "2026-01-04T00:00:00Z"),
        _observation("8302-2", 160, "cm"),
    )
    assert found.inputs["height"].tolist() == [172.0]
    assert _ignored(found) == {"superseded": 3}


def test_two_last_values_at_one_time_are_refused_unless_they_agree() -> None:
    at = "2026-01-03T00:00:00Z"
    agreed = _read(_observation("8302-2", 170, "cm", at), _observation("8302-2", 1.7, "m", at))
    assert agreed.inputs["height"].tolist() == [170.0]
    for time in (at, None):
        with pytest.raises(InvalidInput, match="one last value"):
            _read(_observation("8302-2", 170, "cm", time), _observation("8302-2", 171, "cm", time))


def test_a_day_stands_beside_the_times_of_that_day() -> None:
    times = ("2026-01-03", "2026-01-03T10:00:00Z", "2026-01-03T11:00:00Z", "2026-01-02T23:00:00Z")
    heights = [_observation("8302-2", value, "cm", at) for value, at in zip((172, 171, 172, 160), times, strict=True)]
    assert _read(*heights).inputs["height"].tolist() == [172.0]
    with pytest.raises(InvalidInput, match="one last value"):
        _read(*heights, _observation("8302-2", 173, "cm", "2026-01-03"))


def test_a_score_needs_no_unit() -> None:
    coma = Variable(name="GCS", title=_WORD, unit="{score}", code=_loinc("9269-2"))
    events = TensorSpec(
        name="events", datatype="FP32", shape=(-1, -1, 3), title=_WORD, content="events", unit="h", variables=(coma,)
    )
    at = "2026-03-01T00:00:00Z"
    found = _read(
        _observation("9269-2", at=at, valueInteger=14),
        _observation("9269-2", 15, "{score}", at),
        signature=Signature((events,), (events,)),
    )
    assert [row[2] for row in _events(found)] == [14, 15]


def test_age_and_sex_that_were_observed_go_before_those_of_the_patient() -> None:
    found = _read(
        _PATIENT,
        _observation("30525-0", 700, "mo", "2026-03-01T00:00:00Z"),
        _observation(
            "76689-9",
            at="2026-03-01T00:00:00Z",
            valueCodeableConcept={"coding": [{"system": "http://loinc.org", "code": "LA2-8"}]},
        ),
    )
    assert found.inputs["age"].tolist() == [pytest.approx(58.3333, abs=1e-4)]
    assert found.inputs["sex"].tolist() == [1.0]


@pytest.mark.parametrize("birth_date", ["1960", "1960-03", "2030-01-01", "about 1960"])
def test_an_age_is_not_guessed(birth_date: str) -> None:
    found = _read({**_PATIENT, "birthDate": birth_date, "gender": "unknown"}, _ENCOUNTER)
    assert np.isnan(found.inputs["age"].astype(float)).all()
    assert np.isnan(found.inputs["sex"].astype(float)).all()
    assert _ignored(found) == {"birth_date": 1}


def test_without_any_time_there_is_no_age() -> None:
    assert _ignored(_read(_PATIENT)) == {"birth_date": 1}


def test_a_category_is_recognised_by_its_words() -> None:
    smoker = _scalar(
        "smoker", None, "72166-2", categories=(LocalizedText("no", "否"), LocalizedText("yes", "是")), datatype="INT64"
    )
    signature = Signature((smoker,), (smoker,))

    def read(**value: Any) -> list[Any]:
        return list(read_observations(_bundle(_observation("72166-2", **value)), signature).inputs["smoker"].tolist())

    assert read(valueCodeableConcept={"text": " Yes"}) == [1]
    assert read(valueCodeableConcept={"coding": [{"display": "否"}]}) == [0]
    assert read(valueBoolean=True) == [1]
    assert read(valueString="NO") == [0]
    unknown: tuple[dict[str, Any], ...] = (
        {"valueString": "sometimes"},
        {"valueInteger": 1},
        {"valueCodeableConcept": {}},
    )
    for value in unknown:
        with pytest.raises(InvalidInput, match="whole number for 'smoker'"):
            read(**value)


def test_several_patients_are_refused() -> None:
    at = "2026-03-01T00:00:00Z"
    for other in ({"reference": "Patient/2"}, {"identifier": {"system": "urn:x", "value": "7"}}):
        with pytest.raises(InvalidInput, match="one patient"):
            _read(_observation("8867-4", 80, "/min", at), _observation("8867-4", 80, "/min", at, subject=other))
    with pytest.raises(InvalidInput, match="one patient"):
        _read({**_PATIENT, "id": "2"}, _observation("8867-4", 80, "/min", at))
    with pytest.raises(InvalidInput, match="subject for every"):
        _read(_observation("8867-4", 80, "/min", at), _observation("8867-4", 80, "/min", at, subject=None))
    with pytest.raises(InvalidInput, match="one patient"):
        _read(*(_observation("718-7", subject={"reference": f"https://{host}/Patient/1"}) for host in "ab"))
    with pytest.raises(UnsupportedInput, match="contained"):
        _read(_observation("8867-4", 80, "/min", at, subject={"reference": "#p"}))


def test_one_patient_may_be_named_in_several_ways() -> None:
    at = "2026-03-01T00:00:00Z"
    entries = [
        {"fullUrl": "urn:uuid:5", "resource": {**_PATIENT, "identifier": [{"system": "urn:x", "value": "7"}]}},
        {"resource": _observation("8867-4", 80, "/min", at, subject={"reference": "urn:uuid:5"})},
        {"resource": _observation("8867-4", 81, "/min", at, subject={"reference": "Patient/1/_history/3"})},
        {"resource": _observation("8867-4", 82, "/min", at, subject={"reference": "https://a.org/fhir/Patient/1"})},
        {"resource": _observation("8867-4", 83, "/min", at, subject={"identifier": {"system": "urn:x", "value": "7"}})},
    ]
    found = read_observations(
        json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries}).encode(), _ICU
    )
    assert [row[2] for row in _events(found)] == [80, 81, 82, 83]
    nobody = _read(_observation("8867-4", 80, "/min", at, subject=None))
    assert nobody.subject is None


def test_several_encounters_are_refused_where_times_are_counted() -> None:
    later = {**_ENCOUNTER, "period": {"start": "2026-04-01T08:00:00+08:00"}}
    with pytest.raises(InvalidInput, match="one encounter"):
        _read(_PATIENT, _ENCOUNTER, later)
    wrong = {**later, "status": "entered-in-error"}
    assert _read(_PATIENT, _ENCOUNTER, wrong).start == datetime(2026, 3, 1, tzinfo=UTC)


def test_lists_and_single_resources_are_documents_too() -> None:
    observation = _observation("8867-4", 80, "/min", "2026-03-01T00:00:00Z")
    for document in (observation, [observation], [_PATIENT, observation]):
        assert _events(read_observations(json.dumps(document).encode(), _ICU)) == [[0.0, 0, 80]]


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"3", b"null", b"[]", b"[3]", b"{}", b"\xff\xfe", b"[" * 50_000, b'{"resourceType":3}'),
        *(
            b'{"resourceType":"Bundle","type":"history"}',
            b'{"resourceType":"Bundle"}',
            b'{"resourceType":"Medication"}',
        ),
        b'{"resourceType":"Bundle","type":"collection","implicitRules":"x","entry":[]}',
        b'{"resourceType":"Observation","valueQuantity":{"value":NaN}}',
        b'{"resourceType":"Observation","valueQuantity":{"value":"Ada Lovelace"}}',
        b'{"resourceType":"Observation","component":{}}',
    ],
)
def test_what_is_no_fhir_is_refused_without_a_word_of_it(content: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_observations(content, _ICU)
    assert "Ada" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_resource_that_comes_twice_is_refused() -> None:
    one = _observation("8867-4", 80, "/min", "2026-03-01T00:00:00Z", id="a")
    with pytest.raises(InvalidInput, match="each resource once"):
        _read(one, {**one, "status": "amended"})


def test_a_signature_of_pictures_is_not_asked_in_observations() -> None:
    picture = TensorSpec(name="image", datatype="UINT8", shape=(-1, -1, -1, 1), title=_WORD, content="image")
    with pytest.raises(UnsupportedInput, match="1 other"):
        read_observations(_bundle(_PATIENT), Signature((picture,), (picture,)))


@pytest.mark.data("fhir-r4-synthea")
def test_the_record_of_a_made_up_patient_is_read(data_dir: Path) -> None:
    signature = Signature(
        (_scalar("age", "a"), _SEX, _scalar("height", "cm", "8302-2"), _scalar("hdl", "mmol/L", "2085-9")), (_SEX,)
    )
    content = sorted(data_dir.glob("example-*.json"))[0].read_bytes()
    found = read_observations(content, signature)
    assert found.subject is not None
    assert 20 < float(found.inputs["height"][0]) < 250
    assert _ignored(found)["superseded"] > 0
