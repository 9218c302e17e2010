import msgspec
import numpy as np
import pytest

from salus.contracts.batches import Batch
from salus.contracts.explanations import Attribution, Contribution
from salus.contracts.services import Explanation, Prediction, Provenance
from salus.gateway.answer_views import view_explanation, view_prediction
from salus.modelpackage.specimen import make_specimen_draft

_DRAFT = make_specimen_draft()
_PROVENANCE = Provenance(
    service="s",
    package="p",
    version="1",
    digest="d",
    variant="float32",
    backend="b",
    dataset_digest="e",
    demonstration=False,
    reviewed=False,
    answered_at="2026-11-21T09:30:00+00:00",
)


def _prediction(finding: float) -> Prediction:
    outputs: Batch = {
        "probabilities": np.array([[1 - finding, finding]], np.float32),
        "probability_interval": np.array([[[0, 1], [0, 1]]], np.float32),
        "decision": np.array([int(finding >= 0.5)]),
        "prediction_set": np.array([[finding < 0.5, finding >= 0.5]]),
        "logits": np.zeros((1, 2), np.float32),
    }
    return Prediction("r", outputs, (None,), _PROVENANCE)


@pytest.mark.parametrize(("finding", "count"), [(0.0, 0), (0.03, 3), (0.125, 13), (0.97, 97), (1.0, 100)])
def test_the_natural_frequency_is_that_of_the_finding(finding: float, count: int) -> None:
    view = view_prediction(_prediction(finding), _DRAFT.task, _DRAFT.calibration, None)
    frequency = view.samples[0].natural_frequency
    assert frequency is not None
    assert (frequency.count, frequency.of) == (count, 100)


def test_without_a_report_there_is_no_operating_point() -> None:
    assert view_prediction(_prediction(0.9), _DRAFT.task, _DRAFT.calibration, None).operating_point is None
    without = msgspec.structs.replace(_DRAFT.reports[0], measures=())
    assert view_prediction(_prediction(0.9), _DRAFT.task, _DRAFT.calibration, without).operating_point is None


def test_an_explanation_names_inputs_as_people_do() -> None:
    attribution = Attribution(1, contributions=(Contribution("a", 0.5, 0.25), Contribution("?", None, 0.0)), base=0.0)
    explanation = Explanation(_prediction(0.9), "method", (attribution,))
    view = view_explanation(explanation, _DRAFT.task, _DRAFT.calibration, _DRAFT.reports[0])
    assert view.operating_point is not None
    reasons = view.samples[0].explanation
    assert reasons is not None
    assert [part.title.en for part in reasons.contributions] == ["first number", "?"]
    assert (reasons.contributions[0].unit, reasons.contributions[1].unit) == ("1", None)
    assert view.samples[0].image is None
