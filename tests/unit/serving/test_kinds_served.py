"""What a service does with the kinds of question beside tables of classes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from salus.contracts.batches import Array, Batch
from salus.contracts.errors import InvalidInput, NotFound, PackageRejected
from salus.contracts.explanations import Attribution, Explainer
from salus.contracts.predictors import Predictor
from salus.contracts.services import Caller, InferenceRequest
from salus.contracts.treatment import Choice
from salus.modelpackage.reading import read_calibration
from salus.modelpackage.writing import write_package
from salus.serving.batching_pool import BatchingPool
from salus.serving.deployment import PoolOptions
from salus.serving.in_process_pool import InProcessPool
from salus.serving.packaged_service import PackagedService
from salus.testing.kinds import (
    KINDS,
    TREATMENT,
    Kind,
    KindPredictor,
    make_kind_draft,
    make_kind_example,
    make_kind_task,
)

_CALLER = Caller("ward-7")
Serve = Callable[..., PackagedService]


class _Telling:
    """Attributes nothing; remembers what it was asked about."""

    method = "telling"

    def __init__(self) -> None:
        self.targets: list[int] = []

    def explain(self, predictor: Predictor, batch: Batch, *, targets: NDArray[np.int64]) -> tuple[Attribution, ...]:
        self.targets += targets.tolist()
        assert all(len(array) == len(targets) for array in predictor.predict(batch).values())
        return tuple(Attribution(target=int(target)) for target in targets)


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    def start(kind: Kind, explainer: Explainer | None = None, **options: int) -> PackagedService:
        package = write_package(make_kind_draft(kind), tmp_path / kind, signer=None)
        return PackagedService(
            name=kind,
            package=package,
            pool=BatchingPool(InProcessPool(KindPredictor(kind))),
            explainer=explainer,
            calibration=read_calibration(package),
            backend="arithmetic",
            stage="candidate",
            **options,  # type: ignore[arg-type]  # most_document_bytes alone
        )

    return start


def _people(age: list[float], pregnant: list[float]) -> InferenceRequest:
    return InferenceRequest({"age": np.array(age, np.float32), "pregnant": np.array(pregnant, np.float32)})


def _stays(*samples: list[list[float]], outputs: tuple[str, ...] = ()) -> InferenceRequest:
    column = np.empty(len(samples), dtype=object)
    column[:] = [np.array(rows, np.float32).reshape(-1, 3) for rows in samples]
    return InferenceRequest({"age": np.full(len(samples), 50, np.float32), "observations": column}, outputs=outputs)


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_answers_its_example_as_its_predictor_does(serve: Serve, kind: Kind) -> None:
    service, example = serve(kind), make_kind_example(kind)
    prediction = await service.predict(InferenceRequest(example), _CALLER)
    assert prediction.abstentions == (None,)
    direct = KindPredictor(kind).predict(example)
    for name, array in prediction.outputs.items():
        np.testing.assert_array_equal(array, direct[name])
    assert "course" not in prediction.outputs
    await service.close()


async def test_stays_of_different_lengths_are_answered_together(serve: Serve) -> None:
    calm, alarmed = [[0.5, 0, 60.0], [7.0, 0, 60.0]], [[float(hour), 0, 180.0] for hour in range(40)]
    service = serve("events")
    prediction = await service.predict(_stays(calm, alarmed, [], calm), _CALLER)
    assert prediction.outputs["decision"].tolist() == [0, 1, -1, 0]
    assert [r and r.reason for r in prediction.abstentions] == [None, None, "too_little_known", None]
    await service.close()


async def test_the_course_comes_when_it_is_asked_for_and_is_unknown_where_it_is_withheld(serve: Serve) -> None:
    service = serve("events")
    early, late = [[0.5, 0, 180.0], [7.0, 0, 180.0]], [[7.0, 0, 180.0], [8.0, 0, 180.0]]
    prediction = await service.predict(_stays(early, late, [], outputs=("decision", "course")), _CALLER)
    course = prediction.outputs["course"].astype(np.float64)
    assert np.isnan(course).tolist() == [[False, False], [True, False], [True, True]]
    assert list(prediction.outputs) == ["decision", "course"]
    await service.close()


async def test_rules_are_told_and_take_options_away(serve: Serve) -> None:
    service = serve("treatment")
    prediction = await service.predict(_people([50, 85, 50, 0.5, 130], [0, 0, 1, 1, 1]), _CALLER)
    assert [r and r.reason for r in prediction.abstentions] == [None, None, None, "contraindicated", "out_of_range"]
    assert prediction.contraindications == (
        (), ("too_old",), ("pregnancy", "pregnancy_mild"), ("pregnancy", "pregnancy_mild", "infancy"), (),
    )  # fmt: skip
    assert prediction.outputs["ranking"].tolist() == [[2, 1, 0], [1, 0, -1], [0, -1, -1], [-1] * 3, [-1] * 3]
    await service.close()


async def test_poor_overlap_withholds_the_answer_but_not_what_it_rests_on(serve: Serve) -> None:
    service = serve("treatment")
    prediction = await service.predict(_people([100], [np.nan]), _CALLER)
    assert [r and r.reason for r in prediction.abstentions] == ["poor_overlap"]
    assert np.isnan(prediction.outputs["outcome"].astype(float)).all()
    assert prediction.outputs["propensity"].astype(float)[0, 0] == pytest.approx(0.99)
    assert prediction.outputs["ranking"].tolist() == [[-1, -1, -1]]
    await service.close()


async def test_the_best_option_beside_the_reference_is_explained(serve: Serve) -> None:
    explainer = _Telling()
    service = serve("treatment", explainer)
    explanation = await service.explain(_people([50, 85, 50, 0.5, 100], [0, 0, 1, 1, 0]), _CALLER)
    assert explainer.targets == [2, 1, 0]
    assert [a is None for a in explanation.attributions] == [False, False, False, True, True]
    await service.close()


@pytest.mark.parametrize("kind", ["events", "survival", "regression"])
async def test_other_kinds_are_explained_by_their_one_output(serve: Serve, kind: Kind) -> None:
    explainer = _Telling()
    service = serve(kind, explainer)
    explanation = await service.explain(InferenceRequest(make_kind_example(kind)), _CALLER)
    assert explainer.targets == [1 if kind == "events" else 0]
    assert "course" not in explanation.prediction.outputs
    await service.close()


async def test_a_service_without_an_explainer_says_so(serve: Serve) -> None:
    service = serve("survival")
    with pytest.raises(NotFound, match="explains"):
        await service.explain(InferenceRequest(make_kind_example("survival")), _CALLER)
    await service.close()


async def test_a_plan_tells_its_reasons_itself(serve: Serve) -> None:
    service = serve("planning")
    explanation = await service.explain(InferenceRequest(make_kind_example("planning")), _CALLER)
    assert explanation.attributions == (None,)
    assert "solved again" in explanation.method
    assert set(explanation.prediction.outputs) >= {"plan", "cost"}
    await service.close()


async def test_a_document_that_is_too_long_is_refused(serve: Serve) -> None:
    service = serve("planning", most_document_bytes=4)
    with pytest.raises(InvalidInput, match="at most 4 bytes"):
        await service.predict(InferenceRequest(make_kind_example("planning")), _CALLER)
    await service.close()


def test_a_classifier_without_calibration_is_no_service(tmp_path: Path) -> None:
    package = write_package(make_kind_draft("events"), tmp_path / "package", signer=None)
    with pytest.raises(PackageRejected, match="calibration"):
        PackagedService(
            name="x", package=package, pool=InProcessPool(KindPredictor("events")), explainer=None, calibration=None,
            backend="", stage="candidate",
        )  # fmt: skip


def test_a_choice_whose_rules_look_at_nothing_is_no_service(tmp_path: Path) -> None:
    draft = make_kind_draft("treatment")
    rule = msgspec.structs.replace(TREATMENT.rules[0], input="creatinine")
    question: Choice = msgspec.structs.replace(TREATMENT, rules=(rule,))
    draft = replace(draft, task=msgspec.structs.replace(draft.task, question=question))
    package = write_package(draft, tmp_path / "package", signer=None)
    with pytest.raises(PackageRejected, match="too_old"):
        PackagedService(
            name="x", package=package, pool=InProcessPool(KindPredictor("treatment")), explainer=None,
            calibration=None, backend="", stage="candidate",
        )  # fmt: skip


def test_heavy_samples_share_smaller_batches_and_documents_none() -> None:
    sizes = {kind: PoolOptions().largest_batch(make_kind_task(kind).signature) for kind in KINDS}
    assert sizes == {"events": 8, "survival": 64, "treatment": 64, "regression": 64, "planning": 1}


async def test_whole_columns_may_be_abstained_on(serve: Serve) -> None:
    service = serve("survival")
    inputs: dict[str, Array] = {"age": np.array([np.nan, 200], np.float32)}
    prediction = await service.predict(InferenceRequest(inputs), _CALLER)
    assert [r and r.reason for r in prediction.abstentions] == ["missing_value", "out_of_range"]
    assert np.isnan(prediction.outputs["survival"].astype(float)).all()
    await service.close()
