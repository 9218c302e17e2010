"""Learns survival curves from right-censored data, and keeps the contracts' promise of an Estimator.

Whatever the family, the predictor is one torch module from the signature's inputs to the served outputs: missing
values, scaling, members, pooling, recalibration and the end of what was observed are inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version

import numpy as np
import torch
from torch import nn

from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.predictors import FitOptions, Json
from salus.contracts.survival import TimeToEvent
from salus.contracts.tasks import Task
from salus.networks.predictor import TorchPredictor
from salus.networks.survival_curves import SURVIVAL_OUTPUTS, SurvivalCurves, SurvivalModel
from salus.networks.survival_inputs import ColumnRows
from salus.networks.survival_visits import VisitSequence, VisitSummary
from salus.training.determinism import isolated
from salus.training.recipes import describe_recipe, override_recipe
from salus.training.survival_data import read_part
from salus.training.survival_families import (
    Family,
    Parts,
    fit_boosting_family,
    fit_cox_family,
    fit_deepsurv_family,
    fit_discrete_family,
    fit_forest_family,
    fit_recurrent_family,
)
from salus.training.survival_pooling import Pooling, choose_pooling
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
from salus.training.survival_visit_statistics import describe_visits

_THREADS = 1


class SurvivalEstimator:
    """Learns the curves of a task.

    Args:
        recipe: Its type says which family: `CoxRecipe`, `DeepSurvRecipe`, `DiscreteTimeRecipe`, `BoostingRecipe`,
            `ForestRecipe`, `RecurrentRecipe` (events only), or `EnsembleRecipe` for several.
        task: The question; its inputs are scalars and categories, and at most one is events.
        options: What the person who starts the fit decided. `epochs` are those of networks or the rounds of boosting;
            everything runs on the CPU.

    Raises:
        InvalidInput: A hyperparameter is unknown or does not fit, epochs or a GPU are asked of what has none, or the
            task is of another kind.
    """

    def __init__(self, recipe: SurvivalRecipe, *, task: Task, options: FitOptions) -> None:
        if not isinstance(task.question, TimeToEvent):
            raise InvalidInput("a task of the kind survival", found=task.kind, remedy="Choose another estimator.")
        self._question = task.question
        self._inputs = task.signature.inputs
        self._options = options
        self._recipe = _with_epochs(override_recipe(recipe, options.hyperparameters), options)
        events = [spec for spec in self._inputs if spec.content == "events"]
        if len(events) > 1 or (isinstance(recipe, RecurrentRecipe) and not events):
            raise InvalidInput(
                "one input of events" if not events else "at most one input of events",
                found=f"{len(events)}",
                remedy="Choose an estimator for the task's inputs.",
            )

    @property
    def recipe(self) -> Mapping[str, Json]:
        """The hyperparameters, the family and the libraries' versions."""
        kind = type(self._recipe).__name__.removesuffix("Recipe")
        libraries = {name: version(name) for name in ("torch", "lightgbm", "scikit-learn")}
        return {**describe_recipe(self._recipe), "kind": kind, **libraries}

    def fit(self, train: Split, validation: Split, *, rng: np.random.Generator) -> TorchPredictor:
        """Learn from `train`; stop, weigh and recalibrate by `validation`.

        Raises:
            InvalidInput: No times, no event, or no sample without missing values that the model does not handle.
        """
        seed = int(rng.integers(2**31 - 1))
        self._options.progress.begin("train", None)
        self._options.tracker.parameters({**self.recipe, "seed": seed})
        with isolated(seed, device=torch.device("cpu"), threads=_THREADS):
            encoder, categories = self._encoder(train)
            parts = Parts(
                train=read_part(train, self._inputs, encoder, categories=categories),
                validation=read_part(validation, self._inputs, encoder, categories=categories),
                times=np.array(self._question.times),
            )
            families = self._fit(parts, np.random.default_rng(seed))
            pooling = self._pool(families, parts)
            self._options.tracker.measures(0, _describe(pooling))
            module = SurvivalModel(
                encoder, [family.module for family in families], self._curves(families, pooling, parts)
            )
        self._options.progress.end()
        names = tuple(spec.name for spec in self._inputs)
        return TorchPredictor(module.eval(), input_names=names, outputs=SURVIVAL_OUTPUTS)

    def _encoder(self, train: Split) -> tuple[nn.Module, tuple[int, ...]]:
        place = next((at for at, spec in enumerate(self._inputs) if spec.content == "events"), None)
        if place is None:
            return ColumnRows(), tuple(len(spec.categories) for spec in self._inputs)
        spec = self._inputs[place]
        others = [other.name for other in self._inputs if other is not spec]
        seen = describe_visits(train.inputs[spec.name], variables=len(spec.variables))
        if isinstance(self._recipe, RecurrentRecipe):
            scalars = np.stack([train.inputs[name].astype(np.float64) for name in others], axis=1)
            return (
                VisitSequence(
                    mean=seen.mean,
                    deviation=seen.deviation,
                    logarithms=seen.logarithms,
                    scalar_mean=[float(x) for x in np.nanmean(scalars, axis=0)],
                    scalar_deviation=[float(max(x, 1e-6)) for x in np.nanstd(scalars, axis=0)],
                    steps=self._recipe.visits,
                    events_at=place,
                ),
                (),
            )
        columns = len(others) + 1 + 4 * len(spec.variables)
        return VisitSummary(seen.logarithms, events_at=place), (0,) * columns

    def _fit(self, parts: Parts, rng: np.random.Generator) -> list[Family]:
        recipe = self._recipe
        if not isinstance(recipe, EnsembleRecipe):
            return [self._fit_one(recipe, parts, rng)]
        recipes: dict[str, SurvivalRecipe] = {
            "cox": recipe.cox,
            "discrete_time": recipe.discrete_time,
            "boosting": recipe.boosting,
            "forest": recipe.forest,
        }
        return [self._fit_one(recipes[name], parts, rng) for name in recipe.families]

    def _fit_one(self, recipe: SurvivalRecipe, parts: Parts, rng: np.random.Generator) -> Family:
        def told(step: int, loss: float) -> None:
            self._options.tracker.measures(step, {f"{type(recipe).__name__}.loss": loss})

        if isinstance(recipe, CoxRecipe):
            return fit_cox_family(parts, recipe, rng)
        if isinstance(recipe, DeepSurvRecipe):
            return fit_deepsurv_family(parts, recipe, rng, told)
        if isinstance(recipe, RecurrentRecipe):
            inputs = self._inputs
            variables = next(len(spec.variables) for spec in inputs if spec.content == "events")
            return fit_recurrent_family(parts, recipe, rng, told, visit_at=2 * variables + 2)
        if isinstance(recipe, DiscreteTimeRecipe):
            return fit_discrete_family(parts, recipe, rng, told)
        if isinstance(recipe, BoostingRecipe):
            return fit_boosting_family(parts, recipe, rng, told)
        if isinstance(recipe, ForestRecipe):
            return fit_forest_family(parts, recipe, rng, told)
        raise InvalidInput("a recipe of one family", found="an ensemble", remedy="Do not nest ensembles.")

    def _pool(self, families: list[Family], parts: Parts) -> Pooling:
        recipe = self._recipe
        recalibrate = recipe.recalibrate if isinstance(recipe, CoxRecipe | DeepSurvRecipe) else True
        evenness = recipe.evenness if isinstance(recipe, EnsembleRecipe) else 0.0
        if not parts.validation.event.any():
            return Pooling((1 / len(families),) * len(families))
        rows = torch.from_numpy(parts.validation.rows)
        with torch.inference_mode():
            curves = [
                np.einsum("nmt,m->nt", family.module.eval()(rows).numpy().astype(np.float64), np.array(family.centre))
                for family in families
            ]
        return choose_pooling(
            np.stack(curves), parts.validation, parts.times, evenness=evenness, recalibrate=recalibrate
        )

    def _curves(self, families: list[Family], pooling: Pooling, parts: Parts) -> SurvivalCurves:
        pairs = list(zip(families, pooling.weights, strict=True))
        return SurvivalCurves(
            self._question.times,
            self._question.horizons,
            last_time=float(parts.train.time.max()),
            centre=[weight * share for family, weight in pairs for share in family.centre],
            spread=[weight * share for family, weight in pairs for share in family.spread],
            shift=pooling.shift,
            slope=pooling.slope,
        )


def _describe(pooling: Pooling) -> dict[str, float]:
    weights = {f"weight_{place}": weight for place, weight in enumerate(pooling.weights)}
    return {**weights, "shift": pooling.shift, "slope": pooling.slope}


def _with_epochs(recipe: SurvivalRecipe, options: FitOptions) -> SurvivalRecipe:
    """The recipe with the epochs that were asked for.

    Raises:
        InvalidInput: The family has no epochs, or a GPU is asked for.
    """
    if options.device == "cuda":
        raise InvalidInput("no GPU for survival estimators", found="one in the options", remedy="Leave it out.")
    if options.epochs is None:
        return recipe
    if isinstance(recipe, DeepSurvRecipe | DiscreteTimeRecipe):
        return override_recipe(recipe, {"epochs": options.epochs})
    if isinstance(recipe, BoostingRecipe):
        return override_recipe(recipe, {"rounds": options.epochs})
    raise InvalidInput(
        f"no number of epochs for {type(recipe).__name__.removesuffix('Recipe')}",
        found="one in the options",
        remedy="Leave it out.",
    )
