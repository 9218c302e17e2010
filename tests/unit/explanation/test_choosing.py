from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from salus.contracts.batches import Batch
from salus.contracts.classification import Classification, ClassLabel, classification_outputs
from salus.contracts.errors import InvalidInput, NotFound, UnsupportedInput
from salus.contracts.packages import ExplainerName, Reference
from salus.contracts.planning import Planning
from salus.contracts.regression import Regression, regression_outputs
from salus.contracts.survival import TimeToEvent, survival_outputs
from salus.contracts.tasks import Question, Task
from salus.contracts.tensors import Signature, TensorSpec, Variable
from salus.contracts.text import LocalizedText
from salus.contracts.treatment import Choice, Option, treatment_outputs
from salus.explanation.choosing import make_explainer
from salus.explanation.event_shapley import EventShapleyExplainer
from salus.explanation.evidence_map import EvidenceMapExplainer
from salus.explanation.explained_output import explained_output
from salus.explanation.occlusion import OcclusionExplainer
from salus.explanation.shapley import ShapleyExplainer

_WORD = LocalizedText("word", "词")
_CLASSES = tuple(ClassLabel(name=name, title=_WORD) for name in ("no", "yes"))
_SURVIVAL = TimeToEvent(event=_WORD, unit="mo", times=(6.0, 12.0), horizons=(12.0,))
_CHOICE = Choice(
    options=(Option(name="none", title=_WORD), Option(name="drug", title=_WORD)),
    outcome=_WORD,
    unit="mo",
    better="higher",
)
_VALUE = Regression(quantity=_WORD, unit="mg")
_X = TensorSpec(name="x", datatype="FP32", shape=(-1,), title=_WORD, content="scalar", missing="model")
_EVENTS = TensorSpec(
    name="events",
    datatype="FP32",
    shape=(-1, -1, 3),
    title=_WORD,
    content="events",
    unit="h",
    variables=(Variable(name="HR", title=_WORD, unit="/min"),),
)
_REFERENCE = Reference(background={"x": (1.0, None, 0.0)}, inputs={}, outputs={})


def _task(question: Question, *inputs: TensorSpec) -> Task:
    outputs = {
        "classification": lambda: classification_outputs(_CLASSES, evidence=False),
        "survival": lambda: survival_outputs(_SURVIVAL),
        "treatment": lambda: treatment_outputs(_CHOICE),
        "regression": lambda: regression_outputs(_VALUE),
    }
    task = Task(
        name="task",
        title=_WORD,
        question=question,
        signature=Signature(inputs or (_X,), (_X,)),
        intended_use=_WORD,
        limits=_WORD,
    )
    kind = task.kind
    return task if kind not in outputs else _with_outputs(task, outputs[kind]())


def _with_outputs(task: Task, outputs: tuple[TensorSpec, ...]) -> Task:
    return Task(
        name=task.name,
        title=task.title,
        question=task.question,
        signature=Signature(task.signature.inputs, outputs),
        intended_use=task.intended_use,
        limits=task.limits,
    )


class _EveryKind:
    """Twice x, in the output of every kind."""

    def predict(self, batch: Batch) -> dict[str, NDArray[np.float32]]:
        twice = 2 * np.nan_to_num(batch["x"].astype(np.float32))
        return {
            "logits": np.stack([np.zeros_like(twice), twice], axis=1),
            "score": twice,
            "effect": np.stack([np.zeros_like(twice), twice], axis=1),
            "value": twice,
        }


def test_a_package_names_its_explainer() -> None:
    task = _task(Classification(classes=_CLASSES))
    names: tuple[ExplainerName, ...] = ("shapley", "evidence_map")
    assert isinstance(make_explainer(names[0], _REFERENCE, task), ShapleyExplainer)
    assert isinstance(make_explainer(names[1], _REFERENCE, task), EvidenceMapExplainer)
    for name in names:
        assert "20" in make_explainer(name, _REFERENCE, task).method
    with pytest.raises(InvalidInput, match="background"):
        make_explainer("shapley", Reference(background={}, inputs={}, outputs={}), task)
    for unknown in ("magic", "what_if"):
        with pytest.raises(NotFound):
            make_explainer(unknown, _REFERENCE, task)  # type: ignore[arg-type]  # a manifest may say anything
    assert "2014" in OcclusionExplainer().method


@pytest.mark.parametrize(
    ("question", "target"),
    [(Classification(classes=_CLASSES), 1), (_SURVIVAL, 0), (_CHOICE, 1), (_VALUE, 0)],
    ids=["classification", "survival", "treatment", "regression"],
)
def test_every_kind_has_its_explained_output(question: Question, target: int) -> None:
    explainer = make_explainer("shapley", _REFERENCE, _task(question))
    (found,) = explainer.explain(_EveryKind(), {"x": np.array([3.0], np.float32)}, targets=np.array([target]))
    assert found.target == target
    assert found.output == pytest.approx(6.0)
    assert found.base == pytest.approx(2 / 3)
    assert found.contributions[0].amount == pytest.approx(6 - 2 / 3)


def test_the_reference_option_has_no_effect_to_explain() -> None:
    explainer = make_explainer("shapley", _REFERENCE, _task(_CHOICE))
    (found,) = explainer.explain(_EveryKind(), {"x": np.array([3.0], np.float32)}, targets=np.array([0]))
    assert (found.base, found.output, found.contributions[0].amount) == (0.0, 0.0, 0.0)


def test_an_option_that_is_none_is_refused() -> None:
    explainer = make_explainer("shapley", _REFERENCE, _task(_CHOICE))
    with pytest.raises(InvalidInput, match="below 2"):
        explainer.explain(_EveryKind(), {"x": np.array([3.0], np.float32)}, targets=np.array([2]))


def test_a_plan_is_not_explained_by_contributions() -> None:
    question = Planning(formats=("ihtc2024",), costs=(), time_limit_s=1.0)
    with pytest.raises(UnsupportedInput, match="planning"):
        explained_output(_task(question))


def test_a_model_that_gives_no_number_is_not_explained() -> None:
    class Silent:
        def predict(self, batch: Batch) -> dict[str, NDArray[np.float32]]:
            return {"value": np.full(len(batch["x"]), np.nan, np.float32)}

    explainer = make_explainer("shapley", _REFERENCE, _task(_VALUE))
    with pytest.raises(UnsupportedInput, match="without one"):
        explainer.explain(Silent(), {"x": np.array([3.0], np.float32)}, targets=np.array([0]))


def test_events_are_explained_beside_scalars_alone() -> None:
    question = Classification(classes=_CLASSES, course=(24.0, 48.0))
    explainer = make_explainer("event_shapley", _REFERENCE, _task(question, _EVENTS, _X))
    assert isinstance(explainer, EventShapleyExplainer)
    assert "Owen" in explainer.method
    empty = Reference(background={}, inputs={}, outputs={})
    with pytest.raises(InvalidInput, match="background of the 1 scalar"):
        make_explainer("event_shapley", empty, _task(question, _EVENTS, _X))
    assert isinstance(make_explainer("event_shapley", empty, _task(question, _EVENTS)), EventShapleyExplainer)
    for inputs in ((_X,), (_EVENTS, TensorSpec(name="t", datatype="FP32", shape=(-1, 2), title=_WORD))):
        with pytest.raises(InvalidInput, match="one events input"):
            make_explainer("event_shapley", _REFERENCE, _task(question, *inputs))


def test_the_strip_spans_the_times_that_the_events_may_have() -> None:
    class Flat:
        def predict(self, batch: Batch) -> dict[str, NDArray[np.float32]]:
            return {"logits": np.zeros((len(batch["events"]), 2), np.float32)}

    events = np.array([[[3.0, 0.0, 80.0]]], np.float32)
    reference = Reference(background={}, inputs={}, outputs={})
    ranged = TensorSpec(
        name="events",
        datatype="FP32",
        shape=(-1, -1, 3),
        title=_WORD,
        content="events",
        unit="h",
        variables=_EVENTS.variables,
        valid_range=(0.0, 12.0),
    )
    for course, spec, end in (((24.0, 48.0), _EVENTS, 48.0), ((24.0, 48.0), ranged, 12.0), ((), _EVENTS, 3.0)):
        explainer = make_explainer(
            "event_shapley", reference, _task(Classification(classes=_CLASSES, course=course), spec)
        )
        (found,) = explainer.explain(Flat(), {"events": events}, targets=np.array([1]))
        assert found.strip is not None
        assert (found.strip.edges[0], found.strip.edges[-1]) == (0.0, end)
