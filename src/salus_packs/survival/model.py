"""Estimators of the pack; DeepSurv with the hyperparameters that its authors published for each set."""

from __future__ import annotations

from typing import Any

from salus.contracts.predictors import Estimator, EstimatorFactory, FitOptions
from salus.contracts.tasks import Task

PUBLISHED: dict[str, dict[str, Any]] = {
    "whas": {
        "hidden": (40, 40, 40), "dropout": 0.0899951, "learning_rate": 0.0238260, "decay": 5.81738e-4,
        "momentum": 0.838310, "l2": 2.803247, "epochs": 1200,
    },
    "support": {
        "hidden": (44,), "dropout": 0.2553174, "learning_rate": 0.0472779, "decay": 2.573340e-3,
        "momentum": 0.858903, "l2": 8.119663, "epochs": 800,
    },
    "metabric": {
        "hidden": (41,), "dropout": 0.1600879, "learning_rate": 0.0102897, "decay": 4.168555e-3,
        "momentum": 0.843966, "l2": 10.890986, "epochs": 1500,
    },
    "rotterdam_gbsg": {
        "hidden": (8,), "dropout": 0.6606318, "learning_rate": 0.1538957, "decay": 5.667090e-3,
        "momentum": 0.886747, "l2": 6.551245, "epochs": 1000,
    },
}  # fmt: skip
"""From `experiments/deepsurv/models` and the commands that ran them (github.com/jaredleekatzman/DeepSurv)."""


def make_estimators(task: Task) -> dict[str, EstimatorFactory]:
    """The estimators of a study with one row a person; the first is the default."""
    from functools import partial

    names = ("ensemble", "cox", "deepsurv", "discrete_time", "boosting", "forest")
    return {name: partial(_make, name, task) for name in names}


def make_progression_estimators(task: Task) -> dict[str, EstimatorFactory]:
    """Landmarking (the ensemble, or Cox, on summaries of the visits so far) and the recurrent network."""
    from functools import partial

    return {
        "landmarking": partial(_make, "ensemble", task),
        "landmarking_cox": partial(_make, "landmarking_cox", task),
        "recurrent": partial(_make, "recurrent", task),
    }


def _make(name: str, task: Task, options: FitOptions) -> Estimator:
    from salus.training import survival_recipes as recipes
    from salus.training.survival_estimator import SurvivalEstimator

    made: dict[str, recipes.SurvivalRecipe] = {
        "ensemble": recipes.EnsembleRecipe(),
        "cox": recipes.CoxRecipe(),
        "deepsurv": recipes.DeepSurvRecipe(**PUBLISHED.get(task.name, PUBLISHED["rotterdam_gbsg"])),
        "discrete_time": recipes.DiscreteTimeRecipe(),
        "boosting": recipes.BoostingRecipe(),
        "forest": recipes.ForestRecipe(),
        "landmarking_cox": recipes.CoxRecipe(ridge=0.02, logarithms=True, recalibrate=True),
        "recurrent": recipes.RecurrentRecipe(),
    }
    return SurvivalEstimator(made[name], task=task, options=options)
