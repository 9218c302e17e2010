"""Estimators of the pack: one function a family, with the recipe of each task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from salus.contracts.predictors import Estimator, EstimatorFactory, FitOptions
from salus.contracts.regression import Regression
from salus.contracts.tasks import Task
from salus.contracts.treatment import Choice
from salus_packs.treatment.task import WARFARIN_DOSE

if TYPE_CHECKING:
    from salus.training.treatment_estimator import MetaLearnerRecipe, NetworkRecipe

_IWPC_PHARMACOGENETIC = (
    5.6044,
    {
        "age_decade": -0.2614,
        "height": 0.0087,
        "weight": 0.0128,
        "vkorc1=1": -0.8677,
        "vkorc1=2": -1.6974,
        "vkorc1 missing": -0.4854,
        "cyp2c9=1": -0.5211,
        "cyp2c9=2": -0.9357,
        "cyp2c9=3": -1.0616,
        "cyp2c9=4": -1.9206,
        "cyp2c9=5": -2.3312,
        "cyp2c9=6": -0.2188,
        "cyp2c9 missing": -0.2188,
        "race=1": -0.1092,
        "race=2": -0.2760,
        "race=3": -0.1032,
        "race missing": -0.1032,
        "enzyme_inducer": 1.1816,
        "amiodarone": -0.5503,
    },
)
_IWPC_CLINICAL = (
    4.0376,
    {
        "age_decade": -0.2546,
        "height": 0.0118,
        "weight": 0.0134,
        "race=1": -0.6752,
        "race=2": 0.4060,
        "race=3": 0.0443,
        "race missing": 0.0443,
        "enzyme_inducer": 1.2799,
        "amiodarone": -0.5695,
    },
)
_FORMULAS: dict[str, tuple[float, Mapping[str, float]]] = {
    "iwpc_pharmacogenetic": _IWPC_PHARMACOGENETIC,
    "iwpc_clinical": _IWPC_CLINICAL,
    "fixed_dose": (35.0**0.5, {}),
}
"""sqrt(mg/week) by input (N Engl J Med 360:753-764, 2009, supplement S1e and S1f); 5 mg a day is the fixed dose."""
_DOSES_MG_PER_WEEK = (1.0, 150.0)


def choice_estimators(
    task: Task, bounds: tuple[float, float], *, first: str, **settings: object
) -> dict[str, EstimatorFactory]:
    """Every learner for a choice, the default first.

    Args:
        task: The choice.
        bounds: Smallest and largest possible outcome, in its unit.
        first: Name of the default.
        settings: Of the networks' recipe, where the task has its own.
    """

    def factory(name: str) -> EstimatorFactory:
        def make(options: FitOptions) -> Estimator:
            from salus.training.treatment_estimator import TreatmentEstimator

            question = task.question
            if not isinstance(question, Choice):
                raise TypeError(f"expected a choice; found {task.kind}")
            recipe = _recipe(name, settings)
            return TreatmentEstimator(
                recipe, question=question, inputs=task.signature.inputs, options=options, bounds=bounds
            )

        return make

    names = sorted(("s_learner", "t_learner", "x_learner", "dr_learner", "dr_boosting", "tarnet", "cfr"))
    return {name: factory(name) for name in (first, *(other for other in names if other != first))}


def _recipe(name: str, settings: Mapping[str, object]) -> MetaLearnerRecipe | NetworkRecipe:
    from salus.training.recipes import override_recipe
    from salus.training.treatment_estimator import MetaLearnerRecipe, NetworkRecipe

    if name in {"tarnet", "cfr"}:
        balance: Literal["none", "wasserstein"] = "none" if name == "tarnet" else "wasserstein"
        return override_recipe(NetworkRecipe(balance=balance), settings)  # type: ignore[arg-type]  # JSON values
    if name == "dr_boosting":
        return MetaLearnerRecipe(learner="dr", base="boosting", members=10)
    learners = {"s_learner": "s", "t_learner": "t", "x_learner": "x", "dr_learner": "dr"}
    return override_recipe(MetaLearnerRecipe(), {"learner": learners[name]})


def dose_estimators(*, first: str) -> dict[str, EstimatorFactory]:
    """The learnt regressions, the default first, and the published formulas.

    Of a formula only the medians that stand for missing values and the interval are learnt.
    """

    def factory(name: str) -> EstimatorFactory:
        def make(options: FitOptions) -> Estimator:
            from salus.networks.regression_formula import LinearFormula
            from salus.training.recipes import override_recipe
            from salus.training.regression_estimator import RegressionEstimator, RegressionRecipe

            question = WARFARIN_DOSE.question
            if not isinstance(question, Regression):
                raise TypeError(f"expected a regression; found {WARFARIN_DOSE.kind}")
            formula = _FORMULAS.get(name)
            recipe = RegressionRecipe(scale="sqrt")
            return RegressionEstimator(
                recipe if formula else override_recipe(recipe, {"model": name}),
                question=question,
                inputs=WARFARIN_DOSE.signature.inputs,
                options=options,
                bounds=_DOSES_MG_PER_WEEK,
                formula=None if formula is None else lambda features: LinearFormula(features, *formula),
            )

        return make

    names = ("stack", "ridge", "boosting", "perceptron", *_FORMULAS)
    return {name: factory(name) for name in (first, *(other for other in names if other != first))}
