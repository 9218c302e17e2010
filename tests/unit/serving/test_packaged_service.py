import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import numpy as np
import pytest
import pytest_asyncio
from numpy.typing import NDArray

from salus.contracts.batches import Array, Batch
from salus.contracts.errors import InvalidInput, Overloaded, ServiceUnavailable
from salus.contracts.explanations import Attribution, Explainer
from salus.contracts.packages import ModelPackage
from salus.contracts.predictors import Predictor
from salus.contracts.services import Caller, InferenceRequest
from salus.modelpackage.reading import read_calibration
from salus.serving.deployment import PoolOptions, deploy
from salus.serving.onnx_backend import OnnxBackend
from salus.serving.packaged_service import PackagedService

_CALLER = Caller("ward-7")


def _deploy(package: ModelPackage, explainer: Explainer) -> PackagedService:
    return deploy(
        package,
        backend=OnnxBackend(threads=1),
        backend_title="onnxruntime test",
        explainer=explainer,
        calibration=read_calibration(package),
        stage="candidate",
        name="larger",
        options=PoolOptions(max_queue=128),
        clock=lambda: datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
    )


@pytest_asyncio.fixture
async def service(sharp_package: ModelPackage, explainer: Explainer) -> AsyncIterator[PackagedService]:
    deployed = _deploy(sharp_package, explainer)
    yield deployed
    await deployed.close()


def _ask(a: list[float], b: list[float], **options: object) -> InferenceRequest:
    return InferenceRequest({"a": np.array(a, np.float32), "b": np.array(b, np.float32)}, **options)  # type: ignore[arg-type]  # passed on


async def test_an_answer_carries_its_provenance(service: PackagedService, sharp_package: ModelPackage) -> None:
    prediction = await service.predict(_ask([1], [0], request_id="r-1"), _CALLER)
    assert prediction.request_id == "r-1"
    provenance = prediction.provenance
    assert (provenance.service, provenance.package, provenance.version) == ("larger", "specimen.larger", "1")
    assert (provenance.digest, provenance.variant) == (sharp_package.digest, "float32")
    assert provenance.backend == "onnxruntime test"
    assert provenance.demonstration
    assert not provenance.reviewed
    assert provenance.answered_at == "2026-11-21T09:30:00.000+00:00"


async def test_a_request_without_a_name_gets_one(service: PackagedService) -> None:
    names = {(await service.predict(_ask([1], [0]), _CALLER)).request_id for _ in range(2)}
    assert len(names) == 2


async def test_served_equals_direct(service: PackagedService, sharp_package: ModelPackage) -> None:
    rng = np.random.default_rng(0)
    batch = {name: rng.random(100).astype(np.float32) for name in ("a", "b")}
    direct = OnnxBackend(threads=1).load(sharp_package).predict(batch)
    served = await service.predict(InferenceRequest(batch), _CALLER)
    kept = [index for index, reason in enumerate(served.abstentions) if reason is None]
    assert kept
    for name, array in direct.items():
        np.testing.assert_array_equal(served.outputs[name][kept], array[kept])


async def test_only_the_wanted_outputs_come_in_the_wanted_order(service: PackagedService) -> None:
    prediction = await service.predict(_ask([1], [0], outputs=("logits", "decision")), _CALLER)
    assert list(prediction.outputs) == ["logits", "decision"]


async def test_samples_kept_from_the_model_are_answered_by_their_reason(service: PackagedService) -> None:
    prediction = await service.predict(_ask([1, np.nan, 9], [0, 0.5, 0.5]), _CALLER)
    assert [r and r.reason for r in prediction.abstentions] == [None, "missing_value", "out_of_range"]
    probabilities = prediction.outputs["probabilities"].astype(np.float32)
    assert np.isfinite(probabilities[0]).all()
    assert np.isnan(probabilities[1:]).all()
    assert prediction.outputs["decision"].tolist() == [1, -1, -1]
    assert not prediction.outputs["prediction_set"][1:].any()


async def test_a_request_without_an_answerable_sample_never_reaches_the_model(service: PackagedService) -> None:
    prediction = await service.predict(_ask([np.nan], [0.5]), _CALLER)
    assert prediction.outputs["probabilities"].shape == (1, 2)
    assert [r and r.reason for r in prediction.abstentions] == ["missing_value"]


class _FixedSetPool:
    """Answers the specimen's outputs with a chosen prediction set."""

    def __init__(self, members: list[bool]) -> None:
        self.members = members

    async def submit(self, batch: Batch, *, full: bool = False) -> Batch:
        count = len(batch["a"])
        return {
            "probabilities": np.full((count, 2), 0.5, np.float32),
            "probability_interval": np.full((count, 2, 2), 0.5, np.float32),
            "decision": np.ones(count, np.int64),
            "prediction_set": np.array([self.members] * count),
            "logits": np.zeros((count, 2), np.float32),
        }

    async def close(self) -> None:
        pass


def _with_pool(package: ModelPackage, explainer: Explainer, members: list[bool], **options: int) -> PackagedService:
    return PackagedService(
        name="larger",
        package=package,
        pool=_FixedSetPool(members),
        explainer=explainer,
        calibration=read_calibration(package),
        backend="none",
        stage="candidate",
        **options,  # type: ignore[arg-type]  # max_explanations alone
    )


@pytest.mark.parametrize(("members", "reason"), [([True, True], "ambiguous"), ([False, False], "unsure")])
async def test_a_set_that_is_no_single_class_is_withheld_but_still_explained(
    package: ModelPackage, explainer: Explainer, members: list[bool], reason: str
) -> None:
    service = _with_pool(package, explainer, members)
    explanation = await service.explain(_ask([1], [0]), _CALLER)
    (abstention,) = explanation.prediction.abstentions
    assert abstention is not None
    assert abstention.reason == reason
    assert explanation.prediction.outputs["decision"].tolist() == [-1]
    assert explanation.attributions[0] is not None
    assert service.waiting == 0
    await service.close()


async def test_an_explanation_asks_the_same_pool_and_explains_the_finding(service: PackagedService) -> None:
    explanation = await service.explain(_ask([0, np.nan, 1], [1, 0, 0]), _CALLER)
    assert explanation.method == "difference"
    first, none, last = explanation.attributions
    assert none is None
    assert first is not None
    assert last is not None
    assert (first.target, last.target) == (1, 1)
    assert (first.output, last.output) == (-10.0, 10.0)


async def test_an_explainer_may_ask_for_more_rows_than_the_queue_holds(package: ModelPackage) -> None:
    class Curious:
        method = "curious"

        def explain(self, predictor: Predictor, batch: Batch, *, targets: NDArray[np.int64]) -> tuple[Attribution, ...]:
            rows: dict[str, Array] = {name: np.repeat(array, 1000) for name, array in batch.items()}
            return (Attribution(target=1, output=float(np.asarray(predictor.predict(rows)["logits"])[999, 1])),)

    service = _deploy(package, Curious())
    (attribution,) = (await service.explain(_ask([1], [0]), _CALLER)).attributions
    assert attribution is not None
    assert attribution.output == 1.0
    await service.close()


async def test_explanations_are_bounded(package: ModelPackage) -> None:
    class Patient:
        method = "patient"
        gate = threading.Event()

        def explain(self, predictor: Predictor, batch: Batch, *, targets: NDArray[np.int64]) -> tuple[Attribution, ...]:
            assert self.gate.wait(10)
            return (Attribution(target=1),)

    service = _with_pool(package, Patient(), [False, True], max_explanations=1)
    running = asyncio.create_task(service.explain(_ask([1], [0]), _CALLER))
    await asyncio.sleep(0.01)
    with pytest.raises(Overloaded):
        await service.explain(_ask([1], [0]), _CALLER)
    Patient.gate.set()
    assert (await running).attributions[0] is not None
    await service.close()


async def test_what_does_not_fit_the_signature_is_refused(service: PackagedService) -> None:
    with pytest.raises(InvalidInput):
        await service.predict(InferenceRequest({"a": np.zeros(1, np.float32)}), _CALLER)


async def test_a_closed_service_is_not_ready_and_refuses(service: PackagedService) -> None:
    assert service.ready()
    await service.close()
    assert not service.ready()
    with pytest.raises(ServiceUnavailable):
        await service.predict(_ask([1], [0]), _CALLER)


def test_it_describes_itself_by_its_manifest(package: ModelPackage, explainer: Explainer) -> None:
    description = _deploy(package, explainer).describe()
    assert description.manifest == package.manifest
    assert (description.name, description.variant, description.stage) == ("larger", "float32", "candidate")
