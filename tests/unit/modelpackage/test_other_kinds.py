"""Packages of the questions that are no classification: written, opened, and told on a card."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from salus.contracts.errors import InvalidInput, PackageRejected
from salus.contracts.planning import CostTerm, Planning, planning_inputs, planning_outputs
from salus.contracts.regression import Regression, regression_outputs
from salus.contracts.survival import TimeToEvent, survival_outputs
from salus.contracts.tasks import Question
from salus.contracts.tensors import Signature, TensorSpec
from salus.contracts.text import LANGUAGES, LocalizedText
from salus.contracts.treatment import Choice, Contraindication, Option, treatment_outputs
from salus.modelpackage.reading import open_package, read_calibration, read_card, read_model
from salus.modelpackage.specimen import make_specimen_draft
from salus.modelpackage.writing import PackageDraft, write_package
from salus.security.trust import TrustPolicy

OPTIONS = (
    Option(name="none", title=LocalizedText("no drug", "不用药")),
    Option(name="drug", title=LocalizedText("the drug", "用药")),
)
RULE = Contraindication(
    name="too_young",
    option="drug",
    input="a",
    comparison="<",
    value=0.25,
    reason=LocalizedText("not tried in the young", "未在年轻人中试验"),
    source="label, 2020",
)
SURVIVAL = TimeToEvent(
    event=LocalizedText("death", "死亡"), unit="mo", times=(6.0, 12.0), horizons=(12.0,), dynamic=True
)
CHOICE = Choice(
    options=OPTIONS, outcome=LocalizedText("months at home", "居家月数"), unit="mo", better="higher", rules=(RULE,)
)
NUMBER = Regression(quantity=LocalizedText("weekly dose", "每周剂量"), unit="mg/wk", coverage=0.9)
PLAN = Planning(
    formats=("toy",), costs=(CostTerm(name="Late", title=LocalizedText("late starts", "延迟开始")),), time_limit_s=5.0
)
OUTPUTS: dict[str, tuple[Question, tuple[TensorSpec, ...]]] = {
    "survival": (SURVIVAL, survival_outputs(SURVIVAL)),
    "treatment": (CHOICE, treatment_outputs(CHOICE)),
    "regression": (NUMBER, regression_outputs(NUMBER)),
}


def draft_of(kind: str) -> PackageDraft:
    """The specimen, asked another question; its graph is not run here."""
    draft = make_specimen_draft()
    question, outputs = OUTPUTS[kind]
    task = msgspec.structs.replace(
        draft.task, question=question, signature=Signature(draft.task.signature.inputs, outputs), goals=()
    )
    answer = {"id": "example", "outputs": [{"name": outputs[0].name, "shape": [0], "datatype": "FP32", "data": []}]}
    return replace(draft, task=task, calibration=None, answer=answer)


def planning_draft() -> PackageDraft:
    draft = make_specimen_draft()
    task = msgspec.structs.replace(
        draft.task, question=PLAN, signature=Signature(planning_inputs(), planning_outputs(PLAN)), goals=()
    )
    request = {"id": "example", "inputs": [{"name": "instance", "shape": [1], "datatype": "BYTES", "data": ["{}"]}]}
    answer = {"id": "example", "outputs": [{"name": "cost", "shape": [1], "datatype": "FP64", "data": [0.0]}]}
    solver = replace(draft.variants[0], name="solver", precision="none", measure="gap", model=b'{"pack":"toy"}')
    return replace(
        draft,
        task=task,
        calibration=None,
        variants=(solver,),
        default_variant="solver",
        explainer="what_if",
        request=request,
        answer=answer,
    )


@pytest.mark.parametrize("kind", OUTPUTS)
def test_a_package_of_another_kind_holds_no_calibration(kind: str, tmp_path: Path) -> None:
    package = write_package(draft_of(kind), tmp_path / "p", signer=None)
    opened = open_package(package.directory, trust=TrustPolicy(require_signature=False))
    assert opened.manifest.task.kind == kind
    assert read_calibration(opened) is None
    assert not (package.directory / "calibration.json").exists()


def test_a_calibration_belongs_to_a_classifier_alone(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="for a classifier"):
        replace(make_specimen_draft(), calibration=None)
    with pytest.raises(InvalidInput, match="for a classifier"):
        replace(draft_of("survival"), calibration=make_specimen_draft().calibration)


def test_a_solver_is_a_file_of_settings_and_no_graph(tmp_path: Path) -> None:
    package = write_package(planning_draft(), tmp_path / "p", signer=None)
    assert read_model(package) == b'{"pack":"toy"}'
    assert not list(package.directory.glob("*.onnx"))


def test_a_question_that_is_learned_is_not_answered_by_settings(tmp_path: Path) -> None:
    solver = replace(make_specimen_draft().variants[0], name="solver", model=b"{}")
    draft = replace(draft_of("survival"), variants=(solver,), default_variant="solver")
    with pytest.raises((InvalidInput, PackageRejected), match="solver"):
        write_package(draft, tmp_path / "p", signer=None)


TOLD = {
    "survival": (("death", "死亡"), ("no extrapolation", "不作外推"), ("updated at each", "每次就诊后更新")),
    "treatment": (("`a < 0.25`", "`a < 0.25`"), ("not tried", "未在"), ("random", "随机")),
    "regression": (("weekly dose", "每周剂量"), ("90 %", "90%")),
}


@pytest.mark.parametrize("kind", TOLD)
def test_the_card_tells_what_is_asked_and_when_there_is_no_answer(kind: str, tmp_path: Path) -> None:
    package = write_package(draft_of(kind), tmp_path / "p", signer=None)
    for place, language in enumerate(LANGUAGES):
        text = read_card(package, language)
        for words in TOLD[kind]:
            assert words[place] in text
        assert "{" not in text.split("```")[0]


def test_the_card_of_a_solver_claims_no_fit(tmp_path: Path) -> None:
    package = write_package(planning_draft(), tmp_path / "p", signer=None)
    assert "Nothing was fitted" in read_card(package, "en")
    assert "late starts" in read_card(package, "en")
    assert "延迟开始" in read_card(package, "zh")
