from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.predictors import FitOptions
from salus.contracts.survival import TimeToEvent, survival_outputs
from salus.contracts.tasks import Task
from salus.contracts.tensors import Missing, Signature, TensorSpec, Variable
from salus.contracts.text import LocalizedText
from salus.training.survival_estimator import SurvivalEstimator
from salus.training.survival_recipes import (
    BoostingRecipe,
    CoxRecipe,
    DeepSurvRecipe,
    DiscreteTimeRecipe,
    EnsembleRecipe,
    ForestRecipe,
    RecurrentRecipe,
    SurvivalRecipe,
)

WORDS = LocalizedText("words", "文字")
QUESTION = TimeToEvent(event=WORDS, unit="mo", times=(3, 6, 12, 24, 120), horizons=(6, 24))
SMALL: dict[str, SurvivalRecipe] = {
    "cox": CoxRecipe(refits=3),
    "deepsurv": DeepSurvRecipe(hidden=(6,), dropout=0.1, learning_rate=0.02, epochs=60, refits=2),
    "discrete_time": DiscreteTimeRecipe(hidden=(8,), epochs=40, batch_size=32, learning_rate=0.01, members=2),
    "boosting": BoostingRecipe(rounds=30, members=2),
    "forest": ForestRecipe(trees=4, members=2),
    "ensemble": EnsembleRecipe(
        cox=CoxRecipe(refits=2),
        discrete_time=DiscreteTimeRecipe(hidden=(8,), epochs=8, members=2),
        boosting=BoostingRecipe(rounds=20, members=2),
        forest=ForestRecipe(trees=3, members=2),
    ),
}


def make_task(*inputs: TensorSpec) -> Task:
    return Task(
        name="toy",
        title=WORDS,
        question=QUESTION,
        signature=Signature(inputs, survival_outputs(QUESTION)),
        intended_use=WORDS,
        limits=WORDS,
    )


def scalar(name: str, missing: Missing = "model") -> TensorSpec:
    return TensorSpec(name=name, datatype="FP32", shape=(-1,), title=WORDS, content="scalar", missing=missing)


KIND = TensorSpec(
    name="kind",
    datatype="FP32",
    shape=(-1,),
    title=WORDS,
    content="category",
    categories=(LocalizedText("a", "甲"), LocalizedText("b", "乙"), LocalizedText("c", "丙")),
    missing="abstain",
)
TABLE = make_task(scalar("x"), scalar("y"), KIND)
VISITS = make_task(
    TensorSpec(
        name="events",
        datatype="FP32",
        shape=(-1, -1, 3),
        title=WORDS,
        content="events",
        unit="mo",
        variables=(Variable(name="u", title=WORDS, unit="1"), Variable(name="v", title=WORDS, unit="1")),
    ),
    scalar("age"),
)


def make_part(seed: int, count: int = 240) -> Split:
    rng = np.random.default_rng(seed)
    x, y, kind = rng.normal(size=count), rng.exponential(size=count) ** 2, rng.integers(0, 3, count)
    time = np.minimum(rng.exponential(20 * np.exp(-1.2 * x - 0.4 * kind)) + 0.05, rng.uniform(5, 60, count))
    y[:9] = np.nan
    names = np.array([f"{seed}-{k}" for k in range(count)])
    return Split(
        inputs={"x": x.astype(np.float32), "y": y.astype(np.float32), "kind": kind.astype(np.float32)},
        labels=(time < 40).astype(np.int64) * (rng.random(count) < 0.8),
        sample_ids=names,
        subjects=names,
        targets={"time": time},
    )


def make_visits(seed: int, count: int = 120) -> Split:
    rng = np.random.default_rng(seed)
    level = rng.normal(size=count)
    events = np.empty(count, dtype=object)
    for k in range(count):
        times = np.sort(rng.choice(20, rng.integers(1, 5), replace=False)).astype(np.float64)
        rows = [(t, v, level[k] + 0.1 * rng.normal()) for t in times for v in range(2)]
        events[k] = np.array(rows, dtype=np.float32)
    names = np.array([f"{seed}-{k}" for k in range(count)])
    return Split(
        inputs={"events": events, "age": rng.normal(60, 9, count).astype(np.float32)},
        labels=np.ones(count, np.int64),
        sample_ids=names,
        subjects=names,
        targets={"time": rng.exponential(15 * np.exp(-level)) + 0.1},
    )


def fit(recipe: SurvivalRecipe, task: Task = TABLE, **options: Any) -> Any:
    make = make_part if task is TABLE else make_visits
    estimator = SurvivalEstimator(recipe, task=task, options=FitOptions(**options))
    return estimator.fit(make(1), make(2), rng=np.random.default_rng(0))


def concordance(time: Any, event: Any, score: Any) -> float:
    from lifelines.utils import concordance_index

    return float(concordance_index(time, -score, event))


@pytest.mark.parametrize("name", list(SMALL))
def test_every_family_answers_the_served_outputs_and_tells_who_goes_first(name: str) -> None:
    held = make_part(3)

    outputs = fit(SMALL[name]).predict(held.inputs)

    wanted = {spec.name: spec.shape for spec in survival_outputs(QUESTION)}
    assert list(outputs) == list(wanted)
    for key, shape in wanted.items():
        assert outputs[key].shape == (len(held), *shape[1:]), key
        assert outputs[key].dtype == np.float32
    survival = outputs["survival"]
    assert np.isnan(survival[:, 4]).all(), "120 months lie past the last observed time"
    assert np.isfinite(survival[:, :4]).all(), "a missing value is the model's to handle"
    assert (np.diff(survival[:, :4], axis=1) <= 1e-6).all()
    np.testing.assert_allclose(outputs["risk"][:, 1], 1 - survival[:, 3], atol=1e-6)
    assert (outputs["survival_band"][:, :4, 0] <= survival[:, :4] + 1e-6).all()
    assert concordance(held.targets["time"], held.labels, outputs["score"]) > 0.65


@pytest.mark.parametrize("name", ["deepsurv", "ensemble"])
def test_the_same_seed_gives_the_same_answers(name: str) -> None:
    held = make_part(3)

    first, second = (fit(SMALL[name]).predict(held.inputs) for _ in range(2))

    for key in first:
        np.testing.assert_array_equal(first[key], second[key])


@pytest.mark.parametrize(
    "recipe",
    [
        RecurrentRecipe(epochs=60, batch_size=32, learning_rate=0.02, members=2, state=6, visits=5),
        CoxRecipe(refits=2, logarithms=True, ridge=0.1),
    ],
)
def test_visits_are_learned_from_as_sequences_and_as_summaries(recipe: SurvivalRecipe) -> None:
    from salus.training.survival_data import pad_events

    held = make_visits(3)
    batch = {**held.inputs, "events": pad_events(held.inputs["events"])}

    outputs = fit(recipe, VISITS).predict(batch)

    assert concordance(held.targets["time"], held.labels, outputs["score"]) > 0.65


@pytest.mark.parametrize(
    ("task", "recipe"), [(TABLE, SMALL["ensemble"]), (VISITS, RecurrentRecipe(epochs=2, members=2, visits=2))]
)
@pytest.mark.slow
def test_the_exported_graph_answers_as_the_module(task: Task, recipe: SurvivalRecipe) -> None:
    import onnxruntime

    from salus.optimisation.export_torch import export_torch
    from salus.training.survival_data import pad_events

    predictor = fit(recipe, task)
    held = make_part(3, 30) if task is TABLE else make_visits(3, 30)
    batch = {k: pad_events(v) if v.dtype == object else v for k, v in held.inputs.items()}

    model = export_torch(predictor.graph_source(), task.signature.inputs, sample=batch)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])

    ours = predictor.predict(batch)
    for name, found in zip(ours, session.run(None, batch), strict=True):
        np.testing.assert_allclose(found, ours[name], atol=1e-4, rtol=1e-4, err_msg=name)


def test_a_recipe_says_everything_and_what_does_not_fit_is_refused() -> None:
    estimator = SurvivalEstimator(
        BoostingRecipe(), task=TABLE, options=FitOptions(epochs=7, hyperparameters={"leaves": 3})
    )
    assert estimator.recipe["rounds"] == 7
    assert estimator.recipe["leaves"] == 3
    assert estimator.recipe["kind"] == "Boosting"
    with pytest.raises(InvalidInput, match="hyperparameters among"):
        SurvivalEstimator(CoxRecipe(), task=TABLE, options=FitOptions(hyperparameters={"depth": 3}))
    with pytest.raises(InvalidInput, match="no number of epochs"):
        SurvivalEstimator(CoxRecipe(), task=TABLE, options=FitOptions(epochs=3))
    with pytest.raises(InvalidInput, match="no GPU"):
        SurvivalEstimator(CoxRecipe(), task=TABLE, options=FitOptions(device="cuda"))
    with pytest.raises(InvalidInput, match="one input of events"):
        SurvivalEstimator(RecurrentRecipe(), task=TABLE, options=FitOptions())


def test_a_part_without_times_is_refused() -> None:
    part = make_part(1)
    timeless = Split(part.inputs, part.labels, part.sample_ids, part.subjects)

    with pytest.raises(InvalidInput, match="a time of 0 or more"):
        SurvivalEstimator(CoxRecipe(), task=TABLE, options=FitOptions()).fit(
            timeless, part, rng=np.random.default_rng(0)
        )
