"""The same path for a question that is no class: survival on the data that come with lifelines, and on one's own."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest

from salus.bootstrap.building import BuildOptions, run_build
from salus.bootstrap.packages import verify_package
from salus.bootstrap.running import deploy_package, furnish_gateway
from salus.client.client import Client
from salus.contracts.progress import Silence
from salus.contracts.survival import TimeToEvent
from salus.gateway.server import serve_in_background
from salus.workflows.build_model import BuildOutcome

NAME = "survival.breast_cancer"
WITHIN = 1e-6


@pytest.fixture(scope="module")
def built(spine: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, BuildOutcome]]:
    house = spine.furnish(tmp_path_factory.mktemp("kinds") / "home")
    outcome = run_build("survival/breast_cancer", BuildOptions(estimator="cox"), Silence(), house)
    deploy_package(NAME, service=None, allow_candidate=True, house=house)
    yield house, outcome
    house.registry.close()


@pytest.fixture(scope="module")
def address(built: tuple[Any, BuildOutcome]) -> Iterator[str]:
    house, _ = built
    gateway = furnish_gateway(house)
    assert gateway.failures == ()
    with serve_in_background(gateway.app, house.settings.gateway) as listening:
        yield listening


def _rows(house: Any) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    from salus.plugins.discovery import find_learned_kit

    _, kit = find_learned_kit("survival/breast_cancer")
    part = kit.read_dataset(house.data_request(), 0).validation
    inputs = {name: np.asarray(column) for name, column in part.inputs.items()}
    return inputs, part.labels, part.targets["time"]


def test_a_curve_is_judged_with_intervals_and_packed_without_calibration(built: tuple[Any, BuildOutcome]) -> None:
    house, outcome = built
    for report in outcome.reports:
        for name in ("c_index", "c_index_ipcw", "ibs", "d_calibration"):
            found = report.measure(name)
            assert found is not None
            assert found.interval is not None
    assert outcome.package.manifest.task.kind == "survival"
    assert not (outcome.package.directory / "calibration.json").exists()
    assert "trusted key" in str(verify_package(house, NAME)["verdict"])


def test_what_is_served_is_what_the_package_answers(built: tuple[Any, BuildOutcome], address: str) -> None:
    house, outcome = built
    inputs, _, _ = _rows(house)
    few = {name: column[:12] for name, column in inputs.items()}
    direct = house.backend.load(outcome.package).predict(few)
    rows = [{name: float(column[row]) for name, column in few.items()} for row in range(12)]
    question = outcome.package.manifest.task.question
    assert isinstance(question, TimeToEvent)
    with Client(address, key=house.development_key()) as salus:
        answer = salus.predict(NAME, samples=rows)
        reasons = salus.explain(NAME, samples=rows[:1])
    for row, sample in enumerate(answer.samples):
        curve = sample.survival
        assert curve is not None
        given = np.array([np.nan if p is None else p for p in curve.curve])
        np.testing.assert_allclose(given, direct["survival"][row], atol=WITHIN, equal_nan=True)
        known = given[~np.isnan(given)]
        assert (np.diff(known) <= WITHIN).all()
        assert [risk.horizon for risk in curve.risks] == list(question.horizons)
    why = reasons.samples[0].explanation
    assert why is not None
    assert why.base is not None
    total = why.base + sum(part.amount for part in why.contributions)
    assert total == pytest.approx(why.output, abs=1e-3)
    assert why.output == pytest.approx(float(direct["score"][0]), abs=1e-3)


def test_the_answer_is_told_in_fhir_too(built: tuple[Any, BuildOutcome], address: str) -> None:
    from fhir.resources.R4B.riskassessment import RiskAssessment

    house, _ = built
    inputs, _, _ = _rows(house)
    row = {name: float(column[0]) for name, column in inputs.items()}
    headers = {"authorization": f"Bearer {house.development_key()}", "accept": "application/fhir+json"}
    url = f"{address}/api/v1/services/{NAME}/predictions"
    answer = httpx2.post(url, json={"samples": [row]}, headers=headers)
    assert answer.status_code == 200
    resource = RiskAssessment.model_validate(answer.json())
    assert len(resource.prediction or []) == 3


def test_a_table_of_ones_own_trains_a_model_of_ones_own(built: tuple[Any, BuildOutcome], tmp_path: Path) -> None:
    house, first = built
    inputs, labels, times = _rows(house)
    table = tmp_path / "clinic.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*inputs, "event", "time"])
        writer.writerows(zip(*inputs.values(), labels, times, strict=True))
    options = BuildOptions(estimator="cox", own_data=table)
    own = run_build("survival/breast_cancer", options, Silence(), house)
    assert own.package.manifest.lineage.dataset.name == "clinic"
    assert own.package.manifest.version != first.package.manifest.version
    assert own.package.manifest.lineage.dataset_digest != first.package.manifest.lineage.dataset_digest
    assert str(tmp_path) not in (own.package.directory / "manifest.json").read_text(encoding="utf-8")


def test_a_batch_of_curves_is_a_job(built: tuple[Any, BuildOutcome], address: str) -> None:
    house, _ = built
    inputs, _, _ = _rows(house)
    rows = [{name: float(column[row]) for name, column in inputs.items()} for row in range(40)]
    with Client(address, key=house.development_key()) as salus:
        job = salus.wait(salus.submit_job(NAME, samples=rows).id)
        assert job.state == "done"
        answer = salus.result(job.id)
        at_once = salus.predict(NAME, samples=rows)
    assert len(answer.samples) == 40
    ours, theirs = answer.samples[7].survival, at_once.samples[7].survival
    assert ours is not None
    assert theirs is not None
    assert ours.curve == theirs.curve
