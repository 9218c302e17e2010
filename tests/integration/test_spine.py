"""The whole path on real data: read, train, export, sign, approve, deploy, serve; and what is served is the model."""

import asyncio
import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tritonclient.http as triton

from salus.bootstrap.packages import verify_package
from salus.bootstrap.running import furnish_gateway
from salus.client.client import Client
from salus.contracts.batches import count_samples, take_samples
from salus.contracts.datasets import Dataset
from salus.contracts.services import Caller, InferenceRequest
from salus.gateway.server import serve_in_background
from salus.plugins.discovery import find_learned_kit
from salus.serving.deployment import PoolOptions
from salus.workflows.deploy_model import Engine, start_service

NAME = "breast_cancer.malignancy"
CALLER = Caller("tests", frozenset({"caller"}))
WITHIN = 1e-6


@dataclass(frozen=True)
class Truth:
    """The validation rows, and what the package answers to them when it is asked directly."""

    inputs: dict[str, np.ndarray]
    probabilities: np.ndarray
    answered: np.ndarray


@pytest.fixture(scope="module")
def dataset(spine: Any) -> Dataset:
    _, kit = find_learned_kit("breast_cancer")
    return kit.read_dataset(spine.house.data_request(), 0)


@pytest.fixture(scope="module")
def truth(spine: Any, dataset: Dataset) -> Truth:
    inputs = {name: np.asarray(column) for name, column in dataset.validation.inputs.items()}
    outputs = spine.house.backend.load(spine.outcome.package).predict(inputs)
    return Truth(inputs, np.asarray(outputs["probabilities"]), np.asarray(outputs["prediction_set"]).sum(axis=1) == 1)


@pytest.fixture(scope="module")
def address(spine: Any) -> Iterator[str]:
    gateway = furnish_gateway(spine.house)
    assert gateway.failures == ()
    with serve_in_background(gateway.app, spine.house.settings.gateway) as listening:
        yield listening


def _same(given: np.ndarray, truth: Truth) -> None:
    """Equal where there is an answer, NaN where it is withheld."""
    assert truth.answered.any()
    assert not truth.answered.all()
    assert np.array_equal(np.isfinite(given).all(axis=1), truth.answered)
    np.testing.assert_allclose(given[truth.answered], truth.probabilities[truth.answered], rtol=0, atol=WITHIN)


def test_the_model_is_as_good_as_promised_and_its_test_part_was_read_once(spine: Any) -> None:
    validation, test = spine.outcome.reports
    assert (validation.part, test.part) == ("validation", "test")
    auroc = test.measure("auroc")
    assert auroc.value >= 0.99
    assert auroc.interval.low >= 0.97
    assert spine.outcome.unmet == ()


def test_the_package_is_whole_signed_and_answers_its_own_example(spine: Any) -> None:
    facts = verify_package(spine.house, NAME)
    assert facts["digest"] == spine.outcome.record.digest
    assert "trusted key" in str(facts["verdict"])


def test_float_onnx_answers_as_the_fitted_model(spine: Any, dataset: Dataset) -> None:
    """The plain twin: the same recipe fitted again, calibrated in numpy."""
    from salus.contracts.predictors import FitOptions
    from salus.evaluation.calibration import apply_calibration
    from salus.evaluation.predicting import predict_split
    from salus.modelpackage.reading import read_calibration
    from salus.optimisation.graph_predictor import GraphPredictor

    _, kit = find_learned_kit("breast_cancer")
    fitted = kit.estimators["linear"](FitOptions()).fit(dataset.train, dataset.validation, rng=np.random.default_rng(0))
    logits = predict_split(fitted, dataset.validation, outputs=("logits",))["logits"].astype(np.float32)
    calibration = read_calibration(spine.outcome.package)
    assert calibration is not None
    expected = apply_calibration(logits, calibration)
    graph = GraphPredictor(spine.outcome.package.model_path("float32").read_bytes())
    answers = predict_split(graph, dataset.validation, outputs=("probabilities", "decision"))
    ours, theirs = (np.asarray(each["probabilities"], np.float64) for each in (answers, expected))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-4)
    assert np.array_equal(answers["decision"], np.asarray(expected["decision"]))


def test_batched_equals_direct(spine: Any, truth: Truth) -> None:
    """Each row asked alone, all at once, so that the pool puts them together as it likes."""
    house = spine.house
    engine = Engine(house.backend, house.trust, PoolOptions(max_batch=16, max_table_batch=16))
    service = start_service(house.registry, house.registry.get(NAME), engine)

    async def ask() -> np.ndarray:
        rows = [take_samples(truth.inputs, [row]) for row in range(count_samples(truth.inputs))]
        answers = await asyncio.gather(*(service.predict(InferenceRequest(row), CALLER) for row in rows))
        await service.close()
        return np.concatenate([np.asarray(answer.outputs["probabilities"]) for answer in answers])

    _same(asyncio.run(ask()), truth)


@pytest.mark.parametrize("binary", [True, False])
def test_served_to_the_unmodified_triton_client_equals_direct(
    spine: Any, address: str, truth: Truth, binary: bool
) -> None:
    tensors = []
    for name, column in truth.inputs.items():
        tensor = triton.InferInput(name, list(column.shape), "FP32")
        tensor.set_data_from_numpy(column, binary_data=binary)
        tensors.append(tensor)
    asked = [triton.InferRequestedOutput("probabilities", binary_data=binary)]
    with triton.InferenceServerClient(address.removeprefix("http://")) as client:
        headers = {"Authorization": f"Bearer {spine.house.development_key()}"}
        answer = client.infer(NAME, tensors, outputs=asked, headers=headers)
    _same(answer.as_numpy("probabilities"), truth)


def test_served_to_our_own_client_equals_direct(spine: Any, address: str, truth: Truth) -> None:
    rows = [
        {name: float(column[index]) for name, column in truth.inputs.items()}
        for index in range(count_samples(truth.inputs))
    ]
    with Client(address, key=spine.house.development_key()) as client:
        answers = [each for start in range(0, len(rows), 60) for each in client.predict(
            NAME, samples=rows[start : start + 60]).samples]  # fmt: skip
        explained = client.explain(NAME, samples=rows[:1])
    nothing = [float("nan"), float("nan")]
    given = [
        [each.probability for each in sample.probabilities] if sample.probabilities else nothing for sample in answers
    ]
    _same(np.array(given), truth)
    reasons = explained.samples[0].explanation
    assert reasons is not None
    assert reasons.base is not None
    assert reasons.base + sum(part.amount for part in reasons.contributions) == pytest.approx(reasons.output, abs=1e-4)


def test_served_to_a_plain_http_client_equals_the_packages_own_example(spine: Any, address: str) -> None:
    with urllib.request.urlopen(f"{address}/api/v1/services/{NAME}/example.json") as response:  # noqa: S310
        body = response.read()
    headers = {"Authorization": f"Bearer {spine.house.development_key()}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{address}/v2/models/{NAME}/infer", data=body, headers=headers)  # noqa: S310
    with urllib.request.urlopen(request) as response:  # noqa: S310
        answer = {tensor["name"]: tensor["data"] for tensor in json.load(response)["outputs"]}
    recorded = json.loads((Path(spine.outcome.package.directory) / "examples" / "answer.json").read_bytes())
    expected = {tensor["name"]: tensor["data"] for tensor in recorded["outputs"]}
    assert answer["probabilities"] == pytest.approx(expected["probabilities"], abs=WITHIN)
    assert answer["decision"] == expected["decision"]


def test_what_is_served_is_counted(spine: Any, address: str) -> None:
    with Client(address, key=spine.house.development_key()) as client:
        client.predict(NAME, samples=[client.service(NAME).example_row])
    with urllib.request.urlopen(f"{address}/metrics") as response:  # noqa: S310
        figures = response.read().decode()
    assert f'salus_samples_total{{call="predict",service="{NAME}"}}' in figures


def test_a_rebuild_in_the_same_home_is_the_same_version(spine: Any) -> None:
    again = spine.build(spine.house)
    assert again.rebuilt
    assert (again.record.version, again.record.digest) == ("1", spine.outcome.record.digest)
    assert len(spine.house.registry.list_packages()) == 1


def test_a_build_in_a_fresh_home_gives_the_same_digest(spine: Any, tmp_path: Path) -> None:
    fresh = spine.furnish(tmp_path / "home")
    outcome = spine.build(fresh)
    assert not outcome.rebuilt
    assert outcome.record.digest == spine.outcome.record.digest
    assert outcome.package.signer != spine.outcome.package.signer
    fresh.registry.close()
