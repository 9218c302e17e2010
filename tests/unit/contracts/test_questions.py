from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from salus.contracts.batches import PADDING_STEP, rectangular_parts
from salus.contracts.classification import Classification, ClassLabel, classification_outputs
from salus.contracts.planning import CostTerm, Planning, planning_inputs, planning_outputs
from salus.contracts.regression import Regression, regression_outputs
from salus.contracts.survival import TimeToEvent, survival_outputs
from salus.contracts.tasks import Question, Task
from salus.contracts.tensors import Signature, TensorSpec, Variable
from salus.contracts.text import LocalizedText
from salus.contracts.treatment import Choice, Contraindication, Option, treatment_outputs

WORD = LocalizedText("word", "词")
CLASSES = (ClassLabel(name="no", title=WORD), ClassLabel(name="yes", title=WORD))
OPTIONS = (Option(name="none", title=WORD), Option(name="drug", title=WORD))
RULE = Contraindication(
    name="young", option="drug", input="x", comparison="<", value=18.0, reason=WORD, source="label, 2020"
)
TIMES = TimeToEvent(event=WORD, unit="mo", times=(6.0, 12.0), horizons=(12.0,))
CHOICE = Choice(options=OPTIONS, outcome=WORD, unit="mo", better="higher", rules=(RULE,))
NUMBER = Regression(quantity=WORD, unit="mg/wk")
PLAN = Planning(formats=("toy",), costs=(CostTerm(name="Late", title=WORD),), time_limit_s=5.0)
X = TensorSpec(name="x", datatype="FP32", shape=(-1,), title=WORD, content="scalar")


def _task(question: Question, outputs: tuple[TensorSpec, ...]) -> Task:
    return Task(
        name="toy",
        title=WORD,
        question=question,
        signature=Signature((X,), outputs),
        intended_use=WORD,
        limits=WORD,
    )


@pytest.mark.parametrize(
    ("task", "kind"),
    [
        (_task(Classification(classes=CLASSES), classification_outputs(CLASSES, evidence=False)), "classification"),
        (_task(TIMES, survival_outputs(TIMES)), "survival"),
        (_task(CHOICE, treatment_outputs(CHOICE)), "treatment"),
        (_task(NUMBER, regression_outputs(NUMBER)), "regression"),
        (_task(PLAN, planning_outputs(PLAN)), "planning"),
    ],
)
def test_a_task_of_every_kind_survives_the_wire_and_knows_its_kind(task: Task, kind: str) -> None:
    wire = msgspec.json.encode(task)
    assert msgspec.json.decode(wire, type=Task) == task
    assert task.kind == kind == msgspec.json.decode(wire)["question"]["kind"]
    assert bool(task.classes) == (kind == "classification")


def test_a_course_is_an_output_of_its_own() -> None:
    outputs = classification_outputs(CLASSES, evidence=False, course=(6.0, 12.0))
    assert outputs[-1].name == "course"
    assert outputs[-1].shape == (-1, 2)


def test_the_inputs_of_a_plan_are_documents_and_limits() -> None:
    assert [spec.content for spec in planning_inputs()] == ["document", "document", "scalar", "scalar"]


@pytest.mark.parametrize(
    ("times", "horizons"),
    [((), ()), ((0.0, 1.0), (1.0,)), ((2.0, 1.0), (1.0,)), ((1.0, 2.0), (3.0,)), ((1.0, 2.0), ())],
)
def test_a_curve_needs_ascending_times_and_horizons_among_them(
    times: tuple[float, ...], horizons: tuple[float, ...]
) -> None:
    with pytest.raises(ValueError, match="ascending times"):
        TimeToEvent(event=WORD, unit="mo", times=times, horizons=horizons)


@pytest.mark.parametrize(
    "changes", [{"options": OPTIONS[:1]}, {"options": OPTIONS[:1] * 2}, {"options": OPTIONS[:1] + CLASSES}]
)
def test_a_choice_is_between_two_options_that_its_rules_know(changes: dict[str, Any]) -> None:
    if changes["options"][-1] in CLASSES:
        changes = {"options": (OPTIONS[0], Option(name="other", title=WORD))}
    with pytest.raises(ValueError, match="expected"):
        msgspec.structs.replace(CHOICE, **changes)


VARIABLE = Variable(name="HR", title=WORD, unit="/min")


@pytest.mark.parametrize(
    "wrong",
    [
        {"content": "events", "shape": (-1, -1, 3)},
        {"content": "events", "shape": (-1, -1, 2), "variables": (VARIABLE,)},
        {"content": "events", "shape": (-1, -1, 3), "variables": (VARIABLE, VARIABLE)},
        {"content": "scalar", "shape": (-1,), "variables": (VARIABLE,)},
        {"content": "document", "shape": (-1,)},
    ],
)
def test_a_tensor_says_what_it_holds(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        TensorSpec(name="x", datatype="FP32", title=WORD, **wrong)


def test_observations_are_padded_with_rows_that_mean_nothing() -> None:
    events = np.empty(3, dtype=object)
    events[:] = [np.ones((rows, 3), np.float32) for rows in (2, PADDING_STEP, PADDING_STEP + 1)]
    batch = {"events": events, "age": np.arange(3)}
    parts = list(rectangular_parts(batch, most=8))
    assert [indices.tolist() for indices, _ in parts] == [[0, 1], [2]]
    assert [part["events"].shape for _, part in parts] == [(2, PADDING_STEP, 3), (1, 2 * PADDING_STEP, 3)]
    for indices, part in parts:
        for index, rows in zip(indices, part["events"], strict=True):
            known = rows[~np.isnan(rows.astype(np.float64)).any(axis=1)]
            assert np.array_equal(known, events[index])
    assert events[0].shape == (2, 3)
