"""Each resource that is written is also read by fhir.resources, the models of which were made from the standard."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import numpy as np
import pytest
from fhir.resources.R4B import get_fhir_model_class

from salus.contracts.batches import Array
from salus.contracts.classification import Classification, ClassLabel
from salus.contracts.errors import InvalidInput, Overloaded, SalusError, UnsupportedInput
from salus.contracts.planning import Planning
from salus.contracts.regression import Regression
from salus.contracts.services import Abstention, AbstentionReason, Prediction, Provenance
from salus.contracts.survival import TimeToEvent
from salus.contracts.tasks import Question, Task
from salus.contracts.tensors import Code, Signature, TensorSpec
from salus.contracts.text import LocalizedText
from salus.contracts.treatment import Choice, Contraindication, Option
from salus.standards.fhir.answers import write_answer, write_answers, write_operation_outcome
from salus.standards.fhir.resources import GuidanceResponse, Narrative, Reference, write_resource

_SPEC = TensorSpec(name="x", datatype="FP32", shape=(-1,), title=LocalizedText("x", "x"))
_CLASSES = Classification(
    classes=(
        ClassLabel(name="benign", title=LocalizedText("benign", "良性")),
        ClassLabel(
            name="malignant",
            title=LocalizedText("malignant <sure>", "恶性"),
            code=Code(system="http://snomed.info/sct", value="363346000", display="Malignant neoplastic disease"),
        ),
    )
)
_SURVIVAL = TimeToEvent(
    event=LocalizedText("death", "死亡"), unit="mo", times=(12.0, 36.0, 60.0), horizons=(12.0, 60.0)
)
_VALUE = Regression(quantity=LocalizedText("weekly dose of warfarin", "华法林周剂量"), unit="mg/wk", coverage=0.9)
_CHOICE = Choice(
    options=(
        Option(name="none", title=LocalizedText("no hormone", "不用激素")),
        Option(name="tamoxifen", title=LocalizedText("tamoxifen", "他莫昔芬")),
        Option(name="letrozole", title=LocalizedText("letrozole", "来曲唑")),
    ),
    outcome=LocalizedText("months without recurrence", "无复发月数"),
    unit="mo",
    better="higher",
    rules=(
        Contraindication(
            name="premenopausal",
            option="letrozole",
            input="menopause",
            comparison="==",
            value=0,
            reason=LocalizedText("Letrozole alone does not act before menopause.", "绝经前单用来曲唑无效。"),
            source="Label, 2024",
        ),
        Contraindication(
            name="clot",
            option="tamoxifen",
            input="previous clot",
            comparison=">=",
            value=1,
            reason=LocalizedText("Tamoxifen after a clot.", "有血栓史者不宜使用他莫昔芬。"),
            source="",
        ),
    ),
)
_PLAN = Planning(formats=("ihtc2024",), costs=(), time_limit_s=1.0)
_PROVENANCE = Provenance(
    service="service",
    package="pack.task",
    version="3",
    digest="ab" * 32,
    variant="float32",
    backend="onnxruntime 1.22",
    dataset_digest="cd" * 32,
    demonstration=False,
    reviewed=False,
    answered_at="2026-03-01T08:00:00.123+00:00",
)


def _task(question: Question) -> Task:
    return Task(
        name="task",
        title=LocalizedText("What is asked?", "问什么？"),
        question=question,
        signature=Signature((_SPEC,), (_SPEC,)),
        intended_use=LocalizedText("Tests.", "测试。"),
        limits=LocalizedText("Not for care.", "不用于诊疗。"),
    )


def _predict(
    outputs: dict[str, Any],
    *,
    abstentions: tuple[Abstention | None, ...] = (None,),
    fired: tuple[str, ...] = (),
    **more: Any,
) -> Prediction:
    arrays: dict[str, Array] = {
        name: np.asarray(value, dtype=np.int64 if name == "ranking" else np.float32) for name, value in outputs.items()
    }
    provenance = msgspec.structs.replace(_PROVENANCE, **more)
    return Prediction("request-1", arrays, abstentions, provenance, (fired,) * len(abstentions))


_RISKS = _predict({"probabilities": [[0.125, 0.875]], "probability_interval": [[[0.1, 0.2], [0.8, 0.9]]]})
_CURVE = _predict({"risk": [[0.2, np.nan]], "risk_interval": [[[0.15, 0.26], [np.nan, np.nan]]]})
_DOSE = _predict({"value": [32.5], "value_interval": [[20.1, 47.0]]})
_OPTIONS = _predict(
    {
        "outcome": [[40.0, 44.5, np.nan]],
        "outcome_interval": [[[38, 42], [41, 48], [np.nan, np.nan]]],
        "effect": [[0, 4.5, np.nan]],
        "effect_interval": [[[0, 0], [1, 8], [np.nan, np.nan]]],
        "ranking": [[1, 0, -1]],
        "propensity": [[0.6, 0.3, 0.1]],
    },
    fired=("premenopausal",),
)


def _with_plain_times(value: Any) -> Any:
    """Times in one spelling: the models write +00:00 as Z."""
    if isinstance(value, dict):
        return {name: _with_plain_times(element) for name, element in value.items()}
    if isinstance(value, list):
        return [_with_plain_times(element) for element in value]
    is_time = isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\S+", value)
    return datetime.fromisoformat(value).astimezone(UTC) if is_time else value


def _checked(document: dict[str, Any]) -> dict[str, Any]:
    """What was written, after the models of the standard have read it and written it again."""
    model = get_fhir_model_class(document["resourceType"])
    read = json.loads(model.model_validate_json(json.dumps(document)).model_dump_json())
    assert _with_plain_times(read) == _with_plain_times(document)
    for entry in document.get("entry", []):
        _checked(entry["resource"])
    for contained in document.get("contained", []):
        _checked(contained)
    if "text" in document:
        ET.fromstring(document["text"]["div"])  # noqa: S314 -- our own narrative must be XML
    return document


def _contained(document: dict[str, Any], kind: str) -> dict[str, Any]:
    (found,) = [resource for resource in document["contained"] if resource["resourceType"] == kind]
    return dict(found)


def test_a_classification_is_a_risk_assessment_in_percent() -> None:
    found = _checked(write_answer(_task(_CLASSES), _RISKS, 0, subject="Patient/1", basis=("Observation/2",)))
    assert found["resourceType"] == "RiskAssessment"
    assert found["status"] == "preliminary"
    assert found["subject"] == {"reference": "Patient/1"}
    assert found["basis"] == [{"reference": "Observation/2"}]
    assert [p["probabilityDecimal"] for p in found["prediction"]] == [12.5, 87.5]
    assert found["prediction"][1]["outcome"]["coding"][0]["code"] == "363346000"
    assert "95 % interval 80.0 % to 90.0 %" in found["prediction"][1]["rationale"]
    assert "malignant &lt;sure&gt;" in found["text"]["div"]
    assert "恶性" in found["text"]["div"]


def test_who_answered_is_written_with_each_answer() -> None:
    device = _contained(_checked(write_answer(_task(_CLASSES), _RISKS, 0)), "Device")
    assert device["deviceName"][0] == {"name": "pack.task", "type": "model-name"}
    assert device["identifier"][0]["value"] == "ab" * 32
    assert [version["value"] for version in device["version"]] == ["3", "float32", "onnxruntime 1.22", "cd" * 32]


def test_where_nobody_is_named_the_subject_says_so() -> None:
    found = write_answer(_task(_CLASSES), _RISKS, 0)
    assert found["subject"]["extension"][0]["valueCode"] == "unknown"


def test_a_reviewed_answer_is_final_and_a_demonstration_says_so() -> None:
    found = _checked(write_answer(_task(_CLASSES), _replace_provenance(_RISKS, reviewed=True, demonstration=True), 0))
    assert found["status"] == "final"
    notes = [note["text"] for note in found["note"]]
    assert any("generated data" in note for note in notes)
    assert not any("no person" in note for note in notes)


def _replace_provenance(prediction: Prediction, **more: Any) -> Prediction:
    provenance = msgspec.structs.replace(prediction.provenance, **more)
    return Prediction(
        prediction.request_id, prediction.outputs, prediction.abstentions, provenance, prediction.contraindications
    )


def test_survival_tells_each_horizon_that_was_observed() -> None:
    found = _checked(write_answer(_task(_SURVIVAL), _CURVE, 0, subject="Patient/1"))
    (prediction,) = found["prediction"]
    assert prediction["probabilityDecimal"] == 20.0
    assert prediction["whenRange"]["high"] == {
        "value": 12.0,
        "unit": "mo",
        "system": "http://unitsofmeasure.org",
        "code": "mo",
    }
    assert "not told" in found["text"]["div"]


def test_a_horizon_is_a_period_where_its_beginning_is_known() -> None:
    origin = datetime(2026, 1, 1, tzinfo=UTC)
    (prediction,) = _checked(write_answer(_task(_SURVIVAL), _CURVE, 0, origin=origin))["prediction"]
    assert prediction["whenPeriod"] == {"start": "2026-01-01T00:00:00+00:00", "end": "2027-01-01T06:00:00+00:00"}
    assert "whenRange" not in prediction


def test_a_number_is_a_parameter_and_no_observation() -> None:
    found = _checked(write_answer(_task(_VALUE), _DOSE, 0))
    assert (found["resourceType"], found["status"]) == ("GuidanceResponse", "success")
    assert found["outputParameters"] == {"reference": "#value"}
    value, interval, coverage = _contained(found, "Parameters")["parameter"]
    assert (value["valueQuantity"]["value"], value["valueQuantity"]["code"]) == (32.5, "mg/wk")
    assert (interval["valueRange"]["low"]["value"], interval["valueRange"]["high"]["value"]) == (20.1, 47.0)
    assert coverage["valueDecimal"] == 0.9
    assert "subject" not in found
    bare = _checked(write_answer(_task(_VALUE), _predict({"value": [32.5]}), 0))
    assert [p["name"] for p in _contained(bare, "Parameters")["parameter"]] == ["value"]


def test_a_choice_is_a_group_of_ranked_options_of_which_at_most_one_is_chosen() -> None:
    found = _checked(write_answer(_task(_CHOICE), _OPTIONS, 0, subject="Patient/1"))
    assert found["result"] == {"reference": "#options"}
    group = _contained(found, "RequestGroup")
    assert (group["status"], group["intent"]) == ("draft", "proposal")
    (parent,) = group["action"]
    assert parent["selectionBehavior"] == "at-most-one"
    first, second, away = parent["action"]
    assert [(a.get("prefix"), a["title"]) for a in (first, second, away)] == [
        ("1", "tamoxifen"),
        ("2", "no hormone"),
        (None, "letrozole"),
    ]
    assert first["description"] == (
        "months without recurrence: 44.5 mo expected (95 % interval 41 to 48); "
        "given to 30 % of such patients in the data"
    )
    assert away["description"] == "Not offered: Letrozole alone does not act before menopause."
    assert away["documentation"] == [
        {
            "type": "justification",
            "display": "Letrozole alone does not act before menopause.",
            "citation": "Label, 2024",
        }
    ]
    assert away["condition"][0]["expression"]["expression"] == "iif(%menopause = 0, false, true)"
    assert first["condition"][0]["expression"]["expression"] == "iif(%`previous clot` >= 1, false, true)"
    assert "documentation" not in second
    assert any("not assigned at random" in note["text"] for note in found["note"])
    trial = msgspec.structs.replace(_CHOICE, observational=False)
    notes = write_answer(_task(trial), _OPTIONS, 0)["note"]
    assert not any("at random" in note["text"] for note in notes)


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("missing_value", "data-required"),
        ("out_of_range", "data-required"),
        ("too_little_known", "data-required"),
        ("ambiguous", "success"),
        ("unsure", "success"),
        ("poor_overlap", "success"),
        ("contraindicated", "success"),
    ],
)
@pytest.mark.parametrize("question", [_CLASSES, _SURVIVAL, _VALUE, _CHOICE], ids=lambda q: type(q).__name__)
def test_an_abstention_is_a_guidance_without_result(reason: AbstentionReason, status: str, question: Question) -> None:
    abstention = Abstention(reason, LocalizedText("Too little.", "信息不足。"))
    prediction = _predict({}, abstentions=(abstention,), fired=("clot",))
    found = _checked(write_answer(_task(question), prediction, 0, subject="Patient/1"))
    assert (found["resourceType"], found["status"]) == ("GuidanceResponse", status)
    assert "result" not in found
    assert "outputParameters" not in found
    issues = _contained(found, "OperationOutcome")["issue"]
    assert issues[0]["details"]["text"] == "Too little."
    assert issues[0]["diagnostics"] == reason
    assert len(issues) == (2 if question is _CHOICE else 1)


def test_several_samples_are_a_collection() -> None:
    abstention = Abstention("unsure", LocalizedText("Unsure.", "不确定。"))
    prediction = _predict({"probabilities": [[0.1, 0.9], [np.nan, np.nan]]}, abstentions=(None, abstention))
    found = _checked(write_answers(_task(_CLASSES), prediction, subjects=("Patient/1", None)))
    assert (found["resourceType"], found["type"]) == ("Bundle", "collection")
    kinds = [entry["resource"]["resourceType"] for entry in found["entry"]]
    assert kinds == ["RiskAssessment", "GuidanceResponse"]
    for entry in found["entry"]:
        assert entry["fullUrl"] == f"urn:uuid:{entry['resource']['id']}"
    assert found == write_answers(_task(_CLASSES), prediction, subjects=("Patient/1", None))
    assert len({entry["fullUrl"] for entry in found["entry"]}) == 2
    assert len(write_answers(_task(_CLASSES), prediction)["entry"]) == 2


def test_chinese_words_stand_beside_the_english_ones() -> None:
    code = write_answer(_task(_CLASSES), _RISKS, 0)["code"]
    assert code["text"] == "What is asked?"
    assert code["_text"]["extension"][0]["extension"][1] == {"url": "content", "valueString": "问什么？"}


def test_rounding_never_leaves_the_percentages() -> None:
    prediction = _predict({"probabilities": [[-1e-9, 1.0000001]]})
    found = _checked(write_answer(_task(_CLASSES), prediction, 0))
    assert [p["probabilityDecimal"] for p in found["prediction"]] == [0.0, 100.0]


def test_what_an_answer_needs_and_has_not_is_asked_for() -> None:
    for question in (_CLASSES, _SURVIVAL, _VALUE, _CHOICE):
        with pytest.raises(InvalidInput, match="every output"):
            write_answer(_task(question), _predict({}), 0)
    with pytest.raises(InvalidInput, match="usable 'value'"):
        write_answer(_task(_VALUE), _predict({"value": [np.nan]}), 0)
    for ranking in ([1, 1, 0], [3, 0, 1]):
        with pytest.raises(InvalidInput, match="usable 'ranking'"):
            write_answer(_task(_CHOICE), _predict({"outcome": [[1, 2, 3]], "ranking": [ranking]}), 0)


def test_a_timetable_is_no_clinical_answer() -> None:
    with pytest.raises(UnsupportedInput, match="planning"):
        write_answer(_task(_PLAN), _predict({}), 0)


def test_an_error_is_an_operation_outcome() -> None:
    found = _checked(write_operation_outcome(Overloaded("a free place", found="none", remedy="Try again.")))
    assert found["issue"][0]["code"] == "throttled"
    assert found["issue"][0]["details"]["text"] == "Expected a free place; found none."
    assert write_operation_outcome(SalusError("a", found="b", remedy=""))["issue"][0]["code"] == "exception"


def test_what_is_not_conformant_is_not_sent() -> None:
    good = msgspec.convert(write_answer(_task(_CHOICE), _OPTIONS, 0), GuidanceResponse)
    write_resource(good)
    group = good.contained[1]
    parent = group.action[0]  # type: ignore[union-attr]  # the RequestGroup
    for bad, found in (
        (msgspec.structs.replace(good, id="a b"), "id"),
        (msgspec.structs.replace(good, status="failed"), "status"),
        (msgspec.structs.replace(good, text=Narrative(status="generated", div=" ")), "text.div"),
        (msgspec.structs.replace(good, result=Reference(reference="#nowhere")), "do not match"),
        (msgspec.structs.replace(good, result=None), "do not match"),
        (msgspec.structs.replace(good, contained=good.contained[:1]), "do not match"),
        (msgspec.structs.replace(good, occurrence_date_time="2026-03-01T08:00:00"), "occurrenceDateTime"),
        (
            msgspec.structs.replace(
                good,
                contained=(
                    good.contained[0],
                    msgspec.structs.replace(group, action=(msgspec.structs.replace(parent, action=()),)),
                ),
            ),
            "an action with both or neither",
        ),
    ):
        with pytest.raises(SalusError, match=re.escape(found)):
            write_resource(bad)
    infinite = _predict({"value": [1.0], "value_interval": [[0.0, 1.0]]})
    with pytest.raises(SalusError, match="infinite"):
        write_answer(_task(msgspec.structs.replace(_VALUE, coverage=float("inf"))), infinite, 0)
