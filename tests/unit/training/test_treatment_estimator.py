from __future__ import annotations

import json

import numpy as np
import pytest

from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.predictors import Exportable, FitOptions, Json
from salus.contracts.tensors import TensorSpec
from salus.contracts.text import LocalizedText
from salus.contracts.treatment import Choice, Option, treatment_outputs
from salus.training.treatment_estimator import MetaLearnerRecipe, NetworkRecipe, TreatmentEstimator

QUESTION = Choice(
    options=(
        Option(name="none", title=LocalizedText("none", "无")),
        Option(name="drug", title=LocalizedText("drug", "药")),
    ),
    outcome=LocalizedText("months", "月数"),
    unit="mo",
    better="higher",
)
INPUTS = tuple(
    TensorSpec(
        name=name,
        datatype="FP32",
        shape=(-1,),
        title=LocalizedText(name, "测量"),
        content="scalar",
        missing="model" if name == "c" else "abstain",
    )
    for name in "abc"
)
QUICK_NETWORK = NetworkRecipe(representation=(8,), head=(8,), members=3, steps=150, learning_rate=2e-2)


def part(count: int, seed: int) -> Split:
    """The drug adds 4 a months; who has a large b gets it more often and fares worse."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, 3)).astype(np.float32)
    given = (rng.random(count) < 1 / (1 + np.exp(-x[:, 1]))).astype(np.int64)
    effect = 4.0 * x[:, 0].astype(np.float64)
    outcome = 30.0 - 3.0 * x[:, 1] + given * effect + rng.normal(0, 1.0, count)
    x[rng.random(count) < 0.2, 2] = np.nan
    names = np.array([f"{seed}-{row}" for row in range(count)])
    inputs = {name: x[:, column] for column, name in enumerate("abc")}
    return Split(inputs, given, names, names, targets={"outcome": outcome, "effect": effect})


def estimator(recipe: MetaLearnerRecipe | NetworkRecipe, **hyperparameters: Json) -> TreatmentEstimator:
    options = FitOptions(hyperparameters=hyperparameters)
    return TreatmentEstimator(recipe, question=QUESTION, inputs=INPUTS, options=options, bounds=(0.0, 60.0))


@pytest.mark.parametrize(
    "recipe",
    [
        MetaLearnerRecipe(learner="s", members=3),
        MetaLearnerRecipe(learner="t", members=3),
        MetaLearnerRecipe(learner="x", members=3),
        MetaLearnerRecipe(learner="dr", members=3, folds=2),
        MetaLearnerRecipe(learner="dr", base="boosting", members=2, folds=2, rounds=40),
        QUICK_NETWORK,
    ],
    ids=["s", "t", "x", "dr", "dr_boosting", "tarnet"],
)
def test_every_learner_answers_the_served_outputs_and_the_same_from_the_same_seed(
    recipe: MetaLearnerRecipe | NetworkRecipe,
) -> None:
    train, validation = part(500, 0), part(200, 1)

    answers = [
        estimator(recipe).fit(train, validation, rng=np.random.default_rng(0)).predict(validation.inputs)
        for _ in range(2)
    ]

    for spec in treatment_outputs(QUESTION):
        told = answers[0][spec.name]
        assert told.shape == (200, *spec.shape[1:])
        assert np.array_equal(told, answers[1][spec.name])
    outcome, interval = (answers[0][name].astype(np.float64) for name in ("outcome", "outcome_interval"))
    assert ((interval[:, :, 0] <= outcome) & (outcome <= interval[:, :, 1])).all()
    assert np.allclose(answers[0]["propensity"].astype(np.float64).sum(axis=1), 1.0, atol=1e-5)
    assert answers[0]["overlap"].mean() > 0.5


def test_the_ranking_follows_the_true_effect() -> None:
    predictor = estimator(MetaLearnerRecipe(learner="t", members=5)).fit(
        part(800, 0), part(300, 1), rng=np.random.default_rng(0)
    )
    new = part(400, 2)

    told = predictor.predict(new.inputs)

    decided = np.abs(new.targets["effect"]) > 1.0
    assert ((told["ranking"][:, 0] == 1) == (new.targets["effect"] > 0))[decided].mean() > 0.97
    assert isinstance(predictor, Exportable)
    assert predictor.graph_source().outputs == tuple(spec.name for spec in treatment_outputs(QUESTION))


def test_outcomes_stay_within_what_is_possible() -> None:
    predictor = estimator(MetaLearnerRecipe(learner="t", members=3)).fit(
        part(300, 0), part(200, 1), rng=np.random.default_rng(0)
    )
    far = {name: np.full(1, 60.0, np.float32) for name in "abc"}

    told = predictor.predict(far)

    outcome = told["outcome"].astype(np.float64)
    assert ((outcome >= 0.0) & (outcome <= 60.0)).all()
    assert not told["overlap"][0]


def test_rows_that_lack_a_needed_value_are_left_out_of_the_fit() -> None:
    train, validation = part(300, 0), part(200, 1)
    broken = Split(
        {**train.inputs, "a": np.append(train.inputs["a"][:-1], np.float32("nan"))},
        train.labels,
        train.sample_ids,
        train.subjects,
        targets={"outcome": np.append(train.targets["outcome"][:-1], 1e9)},
    )

    told = estimator(MetaLearnerRecipe(members=2)).fit(broken, validation, rng=np.random.default_rng(0))

    assert told.predict(validation.inputs)["outcome"].astype(np.float64).max() <= 60.0
    assert told.predict(validation.inputs)["outcome"].astype(np.float64).mean() < 40.0


def test_recipes_are_json_and_unknown_hyperparameters_and_foreign_data_are_refused() -> None:
    recipe = dict(estimator(QUICK_NETWORK, steps=7).recipe)
    train = part(100, 0)
    others = Split(train.inputs, train.labels, train.sample_ids, train.subjects)

    assert recipe["steps"] == 7
    assert json.loads(json.dumps(recipe)) == recipe
    with pytest.raises(InvalidInput, match="hyperparameters"):
        estimator(MetaLearnerRecipe(), leaf=3)
    with pytest.raises(InvalidInput, match="outcome"):
        estimator(MetaLearnerRecipe()).fit(others, others, rng=np.random.default_rng(0))
    with pytest.raises(InvalidInput, match="epochs"):
        TreatmentEstimator(MetaLearnerRecipe(), question=QUESTION, inputs=INPUTS, options=FitOptions(epochs=3))
