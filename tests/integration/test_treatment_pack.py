"""The treatment pack on its own data: estimators, graphs, rules, tables of the user's own."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from salus.contracts.datasets import Dataset, Split
from salus.contracts.errors import InvalidInput
from salus.contracts.packs import DataRequest, TaskKit
from salus.contracts.predictors import Exportable, FitOptions
from salus.contracts.progress import Silence
from salus.contracts.treatment import Choice
from salus.evaluation.judges import judge_of
from salus.evaluation.predicting import predict_split
from salus.optimisation.canonical import to_bytes
from salus.optimisation.export import export_core
from salus.optimisation.graph_predictor import GraphPredictor
from salus.optimisation.parity import require_parity
from salus.testing.packs import check_pack
from salus_packs.treatment.pack import PACK


def kit(name: str) -> TaskKit:
    found = PACK.kit(name)
    assert isinstance(found, TaskKit)
    return found


def read(name: str, data_dir: Path, tmp_path: Path) -> Dataset:
    request = DataRequest(data_dirs=(data_dir.parent,), cache_dir=tmp_path, offline=True, progress=Silence())
    return kit(name).read_dataset(request, 0)


def made_up_patient(**values: float) -> dict[str, NDArray[np.float32]]:
    """One patient of the dose task; what is not given is missing."""
    inputs = {spec.name: float("nan") for spec in kit("warfarin_dose").task.signature.inputs}
    return {name: np.array([value], np.float32) for name, value in {**inputs, **values}.items()}


def test_the_pack_keeps_the_promises_of_every_pack() -> None:
    check_pack(PACK)


@pytest.mark.data("rotterdam_gbsg")
def test_the_graph_of_a_choice_answers_as_the_predictor(data_dir: Path, tmp_path: Path) -> None:
    data, few = read("hormone_therapy", data_dir, tmp_path), FitOptions(hyperparameters={"members": 3})
    predictor = (
        kit("hormone_therapy")
        .estimators["dr_boosting"](few)
        .fit(data.train, data.validation, rng=np.random.default_rng(0))
    )
    assert isinstance(predictor, Exportable)
    source, inputs = predictor.graph_source(), kit("hormone_therapy").task.signature.inputs

    core = export_core(source, inputs, sample={name: column[:4] for name, column in data.train.inputs.items()})

    require_parity(
        predictor, GraphPredictor(to_bytes(core)), data.validation.inputs, outputs=source.outputs, relative=True
    )
    judge = judge_of("treatment")
    answers = predict_split(predictor, data.validation, outputs=judge.outputs)
    report = judge.report(
        answers,
        data.validation,
        task=kit("hormone_therapy").task,
        part="validation",
        threshold=None,
        seed=0,
        resamples=50,
    )
    found = report.measure("outcome_rmse")
    assert found is not None
    assert 15 < (found.value or 0.0) < 23  # the spread of the outcome itself is about 21 months
    overlap = report.measure("overlap")
    assert overlap is not None
    assert 0.7 < (overlap.value or 0.0) < 1.0


@pytest.mark.data("warfarin_iwpc")
def test_the_published_formulas_answer_as_by_hand_and_as_well_as_published(data_dir: Path, tmp_path: Path) -> None:
    data, estimators = read("warfarin_dose", data_dir, tmp_path), kit("warfarin_dose").estimators
    fitted = {
        name: estimators[name](FitOptions()).fit(data.train, data.validation, rng=np.random.default_rng(0))
        for name in ("iwpc_pharmacogenetic", "iwpc_clinical", "fixed_dose", "ridge")
    }
    known = made_up_patient(
        age_decade=6, height=170, weight=75, race=0, vkorc1=1, cyp2c9=2, enzyme_inducer=0, amiodarone=1
    )

    by_hand = 5.6044 - 0.2614 * 6 + 0.0087 * 170 + 0.0128 * 75 - 0.8677 - 0.9357 - 0.5503
    assert float(fitted["iwpc_pharmacogenetic"].predict(known)["value"][0]) == pytest.approx(by_hand**2, rel=1e-4)
    clinical = 4.0376 - 0.2546 * 6 + 0.0118 * 170 + 0.0134 * 75 - 0.5695
    assert float(fitted["iwpc_clinical"].predict(known)["value"][0]) == pytest.approx(clinical**2, rel=1e-4)
    unknown = {**known, **{name: np.array([np.nan], np.float32) for name in ("vkorc1", "cyp2c9")}}
    without = by_hand + 0.8677 + 0.9357 - 0.4854 - 0.2188
    assert float(fitted["iwpc_pharmacogenetic"].predict(unknown)["value"][0]) == pytest.approx(without**2, rel=1e-4)

    truth = data.validation.targets["value"]
    errors = {
        name: float(np.abs(predict_split(model, data.validation, most=1000)["value"].astype(np.float64) - truth).mean())
        for name, model in fitted.items()
    }
    assert errors["ridge"] < errors["iwpc_pharmacogenetic"] + 0.1
    assert errors["iwpc_pharmacogenetic"] < 8.8 < errors["iwpc_clinical"] < errors["fixed_dose"]


def test_every_rule_names_an_input_that_decides_a_reason_and_a_source() -> None:
    for each in PACK.kits:
        assert isinstance(each, TaskKit)
        question = each.task.question
        for rule in question.rules if isinstance(question, Choice) else ():
            spec = each.task.signature.input(rule.input)
            assert spec is not None
            assert spec.valid_range is not None
            assert spec.valid_range[0] < rule.value < spec.valid_range[1]
            assert rule.source
            assert rule.reason.zh != rule.reason.en


def test_a_table_of_ones_own_is_read_with_words_and_numbers_and_trains(tmp_path: Path) -> None:
    path, rng = tmp_path / "own.csv", np.random.default_rng(0)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "age", "postmenopausal", "size", "grade", "nodes", "pgr", "er", "option", "outcome"])
        for row in range(120):
            size, option = ["≤ 20 mm", "20–50 mm", "> 50 mm"][row % 3], ["tamoxifen", "0"][row % 2]
            numbers = [rng.integers(30, 80), row % 2, size, rng.integers(1, 4), rng.integers(1, 9), 30.0, 90.0]
            writer.writerow([f"p{row}", *numbers, option, round(float(rng.uniform(5, 60)), 1)])

    own: Split = kit("hormone_therapy").read_folder(path)

    assert own.sample_ids[3] == "p3"
    assert own.labels[:4].tolist() == [1, 0, 1, 0]
    assert own.inputs["size"][:3].tolist() == [0.0, 1.0, 2.0]
    order = np.arange(120)
    predictor = (
        kit("hormone_therapy")
        .estimators["t_learner"](FitOptions())
        .fit(own.take(order[:80]), own.take(order[80:]), rng=np.random.default_rng(0))
    )
    assert predictor.predict(own.inputs)["outcome"].shape == (120, 2)


def test_a_dose_table_needs_its_doses(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    names = [spec.name for spec in kit("warfarin_dose").task.signature.inputs]
    path.write_text(f"{','.join(names)}\n{','.join('' for _ in names)}\n", encoding="utf-8")

    with pytest.raises(InvalidInput, match="dose"):
        kit("warfarin_dose").read_folder(path)
