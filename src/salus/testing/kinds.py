"""The smallest task of each kind of question beside tables of classes, answered by arithmetic.

For those who write a protocol, a page or a pool, and want to see every form that an answer may have.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Array, Batch, count_samples
from salus.contracts.classification import Classification, ClassLabel, classification_outputs
from salus.contracts.packages import ExplainerName, Reference
from salus.contracts.planning import CostTerm, Plan, Planning, planning_inputs, planning_outputs
from salus.contracts.predictors import Json
from salus.contracts.regression import Regression, regression_outputs
from salus.contracts.survival import TimeToEvent, survival_outputs
from salus.contracts.tasks import Question, Task
from salus.contracts.tensors import Code, Signature, TensorSpec, Variable
from salus.contracts.text import LocalizedText
from salus.contracts.treatment import Choice, Contraindication, Option, treatment_outputs
from salus.modelpackage.specimen import make_specimen_draft
from salus.modelpackage.writing import PackageDraft

Kind = Literal["events", "survival", "treatment", "regression", "planning"]
KINDS: tuple[Kind, ...] = ("events", "survival", "treatment", "regression", "planning")

_LOINC = "http://loinc.org"
_HEART_RATE = Variable(
    name="HR",
    title=LocalizedText("heart rate", "心率"),
    unit="/min",
    code=Code(system=_LOINC, value="8867-4", display="Heart rate"),
    valid_range=(0.0, 300.0),
)
_LACTATE = Variable(
    name="Lactate",
    title=LocalizedText("lactate", "乳酸"),
    unit="mmol/L",
    code=Code(system=_LOINC, value="2524-7", display="Lactate [Moles/volume] in Serum or Plasma"),
    valid_range=(0.0, 40.0),
)
OBSERVATIONS = TensorSpec(
    name="observations",
    datatype="FP32",
    shape=(-1, -1, 3),
    title=LocalizedText("observations", "观测"),
    content="events",
    unit="h",
    variables=(_HEART_RATE, _LACTATE),
    fewest=2,
)
AGE = TensorSpec(
    name="age",
    datatype="FP32",
    shape=(-1,),
    title=LocalizedText("age", "年龄"),
    content="scalar",
    unit="a",
    code=Code(system=_LOINC, value="30525-0", display="Age"),
    valid_range=(0.0, 120.0),
    missing="abstain",
)
PREGNANT = TensorSpec(
    name="pregnant",
    datatype="FP32",
    shape=(-1,),
    title=LocalizedText("pregnant", "妊娠"),
    content="category",
    categories=(LocalizedText("no", "否"), LocalizedText("yes", "是")),
    missing="model",
)
_CLASSES = (
    ClassLabel(name="calm", title=LocalizedText("calm", "平稳")),
    ClassLabel(name="alarmed", title=LocalizedText("alarmed", "告警")),
)
EVENTS = Classification(classes=_CLASSES, course=(6.0, 12.0))
SURVIVAL = TimeToEvent(event=LocalizedText("death", "死亡"), unit="mo", times=(12.0, 36.0, 60.0), horizons=(12.0, 60.0))
_RULES = (
    Contraindication(
        name="too_old",
        option="strong",
        input="age",
        comparison=">=",
        value=80.0,
        reason=LocalizedText("Not tried above the age of 80.", "80 岁以上未经试验。"),
        source="label, 2020",
    ),
    Contraindication(
        name="pregnancy",
        option="strong",
        input="pregnant",
        comparison="==",
        value=1.0,
        reason=LocalizedText("Harms the child.", "对胎儿有害。"),
        source="label, 2020",
    ),
    Contraindication(
        name="pregnancy_mild",
        option="mild",
        input="pregnant",
        comparison="==",
        value=1.0,
        reason=LocalizedText("Not tried in pregnancy.", "未在妊娠期试验。"),
        source="label, 2021",
    ),
    Contraindication(
        name="infancy",
        option="none",
        input="age",
        comparison="<",
        value=1.0,
        reason=LocalizedText("Infants are always treated.", "婴儿一律接受治疗。"),
        source="guideline, 2022",
    ),
)
TREATMENT = Choice(
    options=(
        Option(name="none", title=LocalizedText("no drug", "不用药")),
        Option(name="mild", title=LocalizedText("the mild drug", "温和药物")),
        Option(name="strong", title=LocalizedText("the strong drug", "强效药物")),
    ),
    outcome=LocalizedText("months at home", "居家月数"),
    unit="mo",
    better="higher",
    rules=_RULES,
)
REGRESSION = Regression(quantity=LocalizedText("weekly dose", "每周剂量"), unit="mg/wk", coverage=0.9)
PLANNING = Planning(
    formats=("toy",), costs=(CostTerm(name="Late", title=LocalizedText("late starts", "延迟开始")),), time_limit_s=5.0
)
_QUESTIONS: dict[Kind, tuple[Question, tuple[TensorSpec, ...], tuple[TensorSpec, ...]]] = {
    "events": (
        EVENTS,
        (AGE, OBSERVATIONS),
        classification_outputs(_CLASSES, evidence=False, course=EVENTS.course),
    ),
    "survival": (SURVIVAL, (AGE,), survival_outputs(SURVIVAL)),
    "treatment": (TREATMENT, (AGE, PREGNANT), treatment_outputs(TREATMENT)),
    "regression": (REGRESSION, (AGE,), regression_outputs(REGRESSION)),
    "planning": (PLANNING, planning_inputs(), planning_outputs(PLANNING)),
}
_EXPLAINERS: dict[Kind, ExplainerName] = {"events": "event_shapley", "planning": "what_if"}
_BACKGROUND: dict[Kind, dict[str, tuple[float | None, ...]]] = {
    "treatment": {"age": (40.0, 60.0), "pregnant": (0.0, 0.0)},
    "planning": {},
}


def make_kind_task(kind: Kind) -> Task:
    """The task of a kind.

    Example:
        >>> make_kind_task("survival").kind
        'survival'
    """
    question, inputs, outputs = _QUESTIONS[kind]
    return Task(
        name=kind,
        title=LocalizedText(f"The smallest question of the kind {kind}", f"最小的 {kind} 类问题"),
        question=question,
        signature=Signature(inputs, outputs),
        intended_use=LocalizedText("To try programs on.", "用于试验程序。"),
        limits=LocalizedText("For nothing else.", "不得用于其他用途。"),
        demonstration=True,
    )


def make_kind_draft(kind: Kind) -> PackageDraft:
    """A package of that task.

    Its graph is that of `modelpackage.specimen`, which does not answer the question: `KindPredictor` does.
    """
    draft = make_specimen_draft()
    task = make_kind_task(kind)
    predictor, example = KindPredictor(kind), make_kind_example(kind)
    solver = replace(draft.variants[0], name="solver", precision="none", measure="gap", model=b"{}")
    return replace(
        draft,
        name=f"specimen.{kind}",
        task=task,
        calibration=draft.calibration if kind == "events" else None,
        variants=(solver,) if kind == "planning" else draft.variants,
        default_variant="solver" if kind == "planning" else draft.default_variant,
        explainer=_EXPLAINERS.get(kind, "shapley"),
        reference=Reference(background=_BACKGROUND.get(kind, {"age": (40.0, 60.0)}), inputs={}, outputs={}),
        request={"id": "example", "inputs": _write_tensors(example, task.signature.inputs)},
        answer={"id": "example", "outputs": _write_tensors(predictor.predict(example), task.signature.outputs)},
    )


def make_kind_example(kind: Kind) -> dict[str, Array]:
    """One sample that is answered."""
    if kind == "planning":
        return {
            "instance": np.array([b'{"days":7}'], dtype=object),
            "previous": np.array([b""], dtype=object),
            "time_limit_s": np.array([5.0], np.float32),
            "seed": np.array([0]),
        }
    inputs: dict[str, Array] = {"age": np.array([50.0], np.float32)}
    if kind == "treatment":
        inputs["pregnant"] = np.zeros(1, np.float32)
    if kind == "events":
        inputs["observations"] = np.array([[[0.5, 0, 120.0], [7.0, 1, 4.0], [np.nan] * 3]], np.float32)
    return inputs


@dataclass(frozen=True)
class KindPredictor:
    """Answers the task of a kind, every output. Depends on each sample alone, and on no row of NaN.

    Attributes:
        kind: Whose task.
    """

    kind: Kind

    def predict(self, batch: Batch) -> Batch:
        """The outputs of the kind."""
        if self.kind == "planning":
            return _plan(batch)
        age: NDArray[np.float64] = batch["age"].astype(np.float64)
        if self.kind == "events":
            return _alarm(age, batch["observations"].astype(np.float64))
        if self.kind == "survival":
            return _survive(age)
        if self.kind == "treatment":
            return _treat(age)
        value = (60 - age / 2).astype(np.float32)
        return {"value": value, "value_interval": np.stack([value - 10, value + 10], axis=1)}


def _alarm(age: NDArray[np.float64], rows: NDArray[np.float64]) -> Batch:
    """Alarmed where the mean heart rate is above 100 per minute."""
    times, which, values = rows[..., 0], rows[..., 1], rows[..., 2]
    score = 0.2 * (_mean_where(values, which == 0) - 100) + 0.001 * age
    course = [0.2 * (_mean_where(values, (which == 0) & (times <= until)) - 100) for until in EVENTS.course]
    logits = np.stack([np.zeros_like(score), np.nan_to_num(score)], axis=1)
    found = _sigmoid(logits[:, 1])
    probabilities = np.stack([1 - found, found], axis=1)
    return {
        "probabilities": probabilities.astype(np.float32),
        "probability_interval": np.stack([probabilities * 0.9, probabilities], axis=2).astype(np.float32),
        "decision": (found >= 0.5).astype(np.int64),
        "prediction_set": probabilities >= 0.2,
        "logits": logits.astype(np.float32),
        "course": _sigmoid(np.stack(course, axis=1)).astype(np.float32),
    }


def _survive(age: NDArray[np.float64]) -> Batch:
    """An exponential curve whose hazard grows with age; followed up for 36 months."""
    rate = np.exp(age / 25 - 6)
    times = np.array(SURVIVAL.times)
    curve = np.where(times > 36, np.nan, np.exp(-rate[:, None] * times))
    risk = 1 - curve[:, [0, 2]]
    median = np.log(2) / rate
    return {
        "survival": curve.astype(np.float32),
        "survival_band": np.stack([curve**1.2, curve**0.8], axis=2).astype(np.float32),
        "median_time": np.where(median > 36, np.nan, median).astype(np.float32),
        "risk": risk.astype(np.float32),
        "risk_interval": np.stack([risk * 0.8, risk], axis=2).astype(np.float32),
        "score": np.log(rate * 60).astype(np.float32),
    }


def _treat(age: NDArray[np.float64]) -> Batch:
    """The strong drug is best and the mild one second; the very old were never given anything."""
    outcome = np.stack([40 - age / 4, 42 - age / 4, 45 - age / 4], axis=1)
    effect = outcome - outcome[:, :1]
    share = np.where(age > 95, 0.99, 0.5)
    return {
        "outcome": outcome.astype(np.float32),
        "outcome_interval": np.stack([outcome - 3, outcome + 3], axis=2).astype(np.float32),
        "effect": effect.astype(np.float32),
        "effect_interval": np.stack([effect - 2, effect + 2], axis=2).astype(np.float32),
        "ranking": np.tile(np.array([2, 1, 0]), (len(age), 1)),
        "propensity": np.stack([share, (1 - share) / 2, (1 - share) / 2], axis=1).astype(np.float32),
        "overlap": age <= 95,
    }


def _plan(batch: Batch) -> Batch:
    """The instance is its own solution."""
    count = count_samples(batch)
    plans, solutions = np.empty(count, dtype=object), np.empty(count, dtype=object)
    for index, instance in enumerate(batch["instance"]):
        plan = Plan(
            solution=bytes(instance).decode(), cost=12.0, costs={"Late": 12.0}, violations={"Overlap": 0}, bound=10.0
        )
        plans[index], solutions[index] = msgspec.json.encode(plan), bytes(instance)
    return {
        "plan": plans,
        "solution": solutions,
        "cost": np.full(count, 12.0),
        "costs": np.full((count, 1), 12.0),
        "violations": np.zeros(count, np.int64),
    }


def _mean_where(values: NDArray[np.float64], chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(samples,) mean of the chosen values of each; NaN where none is. Summed in order, so that padding adds 0."""
    known = chosen.sum(axis=1)
    total = np.cumsum(np.where(chosen, values, 0.0), axis=1)[:, -1]
    return np.where(known > 0, total / np.maximum(known, 1), np.nan)


def _sigmoid(score: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-np.clip(score, -50, 50)))


def _write_tensors(arrays: Batch, specs: tuple[TensorSpec, ...]) -> list[dict[str, Any]]:
    return [
        {
            "name": spec.name,
            "datatype": spec.datatype,
            "shape": list(arrays[spec.name].shape),
            "data": [_write_number(value) for value in arrays[spec.name].reshape(-1).tolist()],
        }
        for spec in specs
    ]


def _write_number(value: Any) -> Json:
    if isinstance(value, bytes):
        return value.decode()
    return None if value != value else value  # noqa: PLR0124 -- NaN alone differs from itself
