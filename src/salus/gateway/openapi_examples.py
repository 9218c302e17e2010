"""One example per operation of `/api/v1`, made of the very structures that the routes write.

The figures are made up; they show the form.
"""

from __future__ import annotations

from typing import Any

import msgspec

from salus.contracts.reports import Interval, Measure
from salus.contracts.services import Abstention, Provenance
from salus.contracts.text import LocalizedText
from salus.gateway.answer_views import OperatingPoint, PredictionView, SampleView
from salus.gateway.errors import Problem
from salus.gateway.house_views import Health, PackageList, ServiceHealth
from salus.gateway.openapi_kinds import EXPLAINED, FHIR_ANSWER, FHIR_OUTCOME, FHIR_QUESTION, QUESTIONS, SAMPLES
from salus.gateway.question_rows import TableQuestion
from salus.gateway.service_views import Summary, SummaryList
from salus.gateway.views.classification import ClassName, ClassProbability
from salus.gateway.views.explanations import ContributionView, ExplanationView
from salus.gateway.views.numbers import NaturalFrequency
from salus.registry.entries import PackageFacts, PackageRecord

SERVICE = "breast_cancer.malignancy"
_DIGEST = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
_DATA_DIGEST = "8b1a9953c4611296a827abf8c47804d7e0a3f4c1b7c7a2f5a8b9d3c6e1f20a4b"
_TITLE = LocalizedText("Malignant or benign breast mass", "乳腺肿块良恶性判别")
_MALIGNANT = LocalizedText("malignant", "恶性")


def _measure(name: str, value: float, low: float, high: float) -> Measure:
    return Measure(name=name, value=value, interval=Interval(low, high), samples=114)


_PROVENANCE = Provenance(
    service=SERVICE,
    package=SERVICE,
    version="3",
    digest=_DIGEST,
    variant="float32",
    backend="onnxruntime 1.31.1",
    dataset_digest=_DATA_DIGEST,
    demonstration=False,
    reviewed=False,
    answered_at="2026-11-21T09:30:00.000+00:00",
)
_SAMPLE = SampleView(
    decision=ClassName(class_="malignant", title=_MALIGNANT),
    probabilities=(
        ClassProbability(
            class_="benign", title=LocalizedText("benign", "良性"), probability=0.03, interval=(0.01, 0.07)
        ),
        ClassProbability(class_="malignant", title=_MALIGNANT, probability=0.97, interval=(0.93, 0.99)),
    ),
    prediction_set=("malignant",),
    abstention=None,
    natural_frequency=NaturalFrequency(count=97),
)
_ABSTAINED = SampleView(
    abstention=Abstention(
        "ambiguous",
        LocalizedText(
            "Both benign and malignant remain possible at 90 % coverage.", "在 90% 的覆盖率下，良性和恶性均不能排除。"
        ),
    ),
)
_PREDICTION = PredictionView(
    request_id="ward-7-0042",
    service=SERVICE,
    version="3",
    status="preliminary",
    threshold=0.42,
    threshold_rule="youden",
    operating_point=OperatingPoint(
        sensitivity=_measure("sensitivity", 0.98, 0.94, 1.0),
        specificity=_measure("specificity", 0.97, 0.92, 0.99),
        part="validation",
    ),
    samples=(_SAMPLE, _ABSTAINED),
    provenance=_PROVENANCE,
)
_EXPLAINED = msgspec.structs.replace(
    _SAMPLE,
    explanation=ExplanationView(
        target="malignant",
        quantity=LocalizedText("log-odds of “malignant”", "“恶性”的对数几率"),
        heatmap=None,
        contributions=(
            ContributionView(
                name="mean_radius",
                title=LocalizedText("mean radius", "平均半径"),
                value=17.99,
                unit="um",
                amount=2.9,
            ),
        ),
        base=0.6,
        output=3.5,
    ),
)
_RECORD = PackageRecord(
    name=SERVICE,
    version="3",
    digest=_DIGEST,
    stage="approved",
    signer="ed25519:6ea1b4a3",
    dataset_digest=_DATA_DIGEST,
    facts=PackageFacts(
        title=_TITLE,
        task="malignancy",
        dataset="breast-cancer-wisconsin",
        estimator="linear",
        variants=("float32",),
        default_variant="float32",
        demonstration=False,
    ),
    aliases=("stable",),
    build_record={"build_s": 12.5},
    added_at="2026-11-20T08:00:00+00:00",
    added_by="an engineer",
)
_SUMMARY = Summary(
    name=SERVICE,
    title=_TITLE,
    version="3",
    digest=_DIGEST,
    variant="float32",
    backend="onnxruntime 1.31.1",
    stage="approved",
    ready=True,
    demonstration=False,
    signer="ed25519:6ea1b4a3",
    kind="classification",
    content="table",
    notices=(),
    headline=(_measure("auroc", 0.995, 0.985, 0.999),),
    headline_part="test",
)


def _of_kind(sample: SampleView, service: str) -> PredictionView:
    """The same answer as one of another kind of question, which has no threshold."""
    return msgspec.structs.replace(
        _PREDICTION,
        service=service,
        threshold=None,
        threshold_rule=None,
        operating_point=None,
        samples=(sample,),
        provenance=msgspec.structs.replace(_PROVENANCE, service=service, package=service),
    )


_METHOD = "Shapley values over background rows"
_QUESTION = TableQuestion(samples=[{"mean_radius": 17.99, "mean_texture": 10.38}], request_id="ward-7-0042")
_EXPLANATION = msgspec.structs.replace(_PREDICTION, samples=(_EXPLAINED,), method=_METHOD)

EXAMPLES: dict[str, Any] = {
    name: msgspec.to_builtins(value)
    for name, value in {
        "health": Health(status="ready", version="0.1.0", services=(ServiceHealth(SERVICE, ready=True),)),
        "services": SummaryList((_SUMMARY,)),
        "service": _SUMMARY,
        "question": {"table": _QUESTION, **QUESTIONS},
        "fhir_question": FHIR_QUESTION,
        "fhir_answer": FHIR_ANSWER,
        "fhir_outcome": FHIR_OUTCOME,
        "infer_request": {
            "id": "example",
            "inputs": [{"name": "mean_radius", "shape": [1], "datatype": "FP32", "data": [17.99]}],
        },
        "prediction": {
            "classification": _PREDICTION,
            **{kind: _of_kind(sample, service) for kind, (service, sample) in SAMPLES.items()},
        },
        "explanation": {
            "classification": _EXPLANATION,
            **{
                kind: msgspec.structs.replace(_of_kind(sample, service), method=_METHOD)
                for kind, (service, sample) in EXPLAINED.items()
            },
        },
        "packages": PackageList((_RECORD,)),
        "package": _RECORD,
        "problem": Problem(
            type="urn:salus:error:invalid_input",
            title="Bad Request",
            status=400,
            detail="expected 1 to 64 samples; found 65. Send them in smaller parts.",
            code="invalid_input",
            expected="1 to 64 samples",
            found="65",
            remedy="Send them in smaller parts.",
            instance="urn:salus:request:ward-7-0042",
            request_id="ward-7-0042",
        ),
    }.items()
}
"""By operation, as plain JSON values; questions, predictions and explanations by kind."""
