import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Self

import pytest

from salus.contracts.datasets import Dataset
from salus.contracts.packs import DataRequest, Pack, TaskKit
from salus.contracts.predictors import NoTracker
from salus.contracts.text import LocalizedText

Salus = Callable[..., Any]


@pytest.fixture
def leaking(toy_pack: Pack, toy_kit: TaskKit, install_packs: Callable[..., None]) -> Pack:
    """The toy, with a person on two sides of the division."""
    kit = toy_kit

    def read(request: DataRequest, seed: int) -> Dataset:
        whole = kit.read_dataset(request, seed)
        subjects = whole.validation.subjects.astype("<U20")
        subjects[0] = whole.train.subjects[0]
        return replace(whole, validation=replace(whole.validation, subjects=subjects))

    pack = Pack("toy", LocalizedText("Toy", "玩具"), (replace(kit, read_dataset=read),))
    install_packs(pack)
    return pack


def test_packs_are_listed(salus: Salus, toy_pack: Pack) -> None:
    assert "toy/dosage  Is the dose high?  toy   linear" in salus("packs").out
    assert json.loads(salus("packs", "--json").out) == [
        {
            "question": "toy/dosage",
            "title": {"en": "Is the dose high?", "zh": "剂量是否偏高？"},
            "data": "toy",
            "kind": "classification",
            "estimators": ["linear"],
            "demonstration": False,
        }
    ]


def test_where_no_pack_is_installed_the_list_says_so(salus: Salus, install_packs: Callable[..., None]) -> None:
    install_packs()
    assert "(none)" in salus("packs").out
    assert "there are none" in salus("build", "toy").err


def test_a_build_shows_what_it_found_and_what_to_do_next(salus: Salus, toy_pack: Pack, tmp_path: Path) -> None:
    built = salus("build", "toy", "--set", "inverse_penalty=0.5")
    assert built.code == 0
    assert "validation: 60 samples" in built.out
    assert "float32 (default)" in built.out
    assert "int8 was not made" in built.out
    assert built.out.endswith("Approve it: salus packages promote toy.dosage:1 --why '…'\n")
    (tmp_path / "rows.csv").write_text("dose,weight,label\n9,70,high\n1,70,low\n8,60,high\n2,80,low\n,70,low\n")
    measured = salus("evaluate", "toy.dosage", "rows.csv", "--answers", "new/answers.csv")
    assert measured.code == 0
    assert "rows.csv: 4 samples" in measured.out
    assert "1 samples with missing values" in measured.out
    with (tmp_path / "new/answers.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["decision"] for row in rows] == ["high", "low", "high", "low", ""]
    assert rows[4]["p_high"] == ""
    report = json.loads(salus("evaluate", "toy.dosage", "rows.csv", "--json").out)
    assert (report["unanswered"], report["report"]["samples"]) == (1, 4)


def test_all_forms_are_asked_for_and_a_missed_goal_is_told(
    salus: Salus, toy_pack: Pack, toy_kit: TaskKit, install_packs: Callable[..., None]
) -> None:
    import msgspec

    from salus.contracts.tasks import Goal

    kit = toy_kit
    strict = msgspec.structs.replace(kit.task, goals=(Goal(measure="auroc", at_least=1.0),))
    install_packs(replace(toy_pack, kits=(replace(kit, task=strict),)))
    made = salus("optimise", "toy")
    assert made.code == 0
    assert "student was not made" in made.out
    assert "goal not met: auroc" in made.out
    assert made.out.endswith("Look at it: salus packages show toy.dosage:1\n")
    assert salus("packages", "promote", "toy.dosage", "--why", "wish").code == 10


def test_a_build_that_the_data_do_not_allow_ends_with_11(salus: Salus, leaking: Pack) -> None:
    refused = salus("build", "toy")
    assert (refused.code, refused.out) == (11, "")
    assert "--allow leak.subject" in refused.err
    checked = salus("data", "check", "toy")
    assert checked.code == 11
    assert "refusal  leak.subject" in checked.out
    whole = salus("data", "check", "toy", "--json")
    assert whole.code == 11
    assert json.loads(whole.out)["findings"][0]["check"] == "leak.subject"
    assert salus("data", "check", "toy", "--allow", "leak.subject").code == 0
    built = json.loads(salus("build", "toy", "--allow", "leak.subject", "--json").out)
    assert built["quality"]["allowed"] == ["leak.subject"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("build", "nobody"), 16, "toy/dosage"),
        (("build", "toy/other"), 16, "toy/dosage"),
        (("build", "toy", "--estimator", "oracle"), 16, "linear"),
        (("build", "toy", "--form", "int4"), 2, "int8, pruned, student"),
        (("build", "toy", "--set", "speed"), 2, "NAME=VALUE"),
        (("build", "toy", "--set", "speed=3"), 2, "speed"),
        (("build", "toy", "--device", "abacus"), 2, "abacus"),
        (("build", "toy", "--allow", "everything"), 2, "everything"),
        (("search", "nobody"), 16, "toy/dosage"),
        (("data", "check", "nobody"), 16, "toy/dosage"),
    ],
)
def test_what_cannot_be_built_is_refused_before_anything_is_trained(
    salus: Salus, toy_pack: Pack, words: tuple[str, ...], code: int, said: str
) -> None:
    answer = salus(*words)
    assert (answer.code, answer.out) == (code, "")
    assert said in answer.err


def test_a_search_says_how_to_build_with_what_it_found(salus: Salus, toy_pack: Pack) -> None:
    shown = salus("search", "toy", "--trials", "2")
    assert shown.code == 0
    assert "Build with it: salus build toy --set inverse_penalty=" in shown.out
    again = json.loads(salus("search", "toy", "--trials", "2", "--json").out)
    assert 0.5 < again["value"] <= 1.0


class _FakeTracker(NoTracker):
    """Stands in for the MLflow store, which takes ten seconds to be made."""

    opened: ClassVar[list[tuple[Path, str, str]]] = []

    def __init__(self, database: Path, *, experiment: str, run: str) -> None:
        self.opened.append((database, experiment, run))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        return None


def test_a_run_is_tracked_where_asked_for(
    salus: Salus, toy_pack: Pack, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("salus.training.tracking.MlflowTracker", _FakeTracker)
    assert salus("build", "toy", "--track", "--seed", "3", "--json").code == 0
    assert _FakeTracker.opened == [(home / "runs" / "mlflow.db", "toy.dosage", "linear, seed 3")]
