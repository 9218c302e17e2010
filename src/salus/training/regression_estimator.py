"""Learns to answer a number, with an interval that keeps its promise on validation data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Literal

import msgspec
import numpy as np
from torch import nn

from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.predictors import FitOptions, Json
from salus.contracts.regression import Regression, regression_outputs
from salus.contracts.tensors import TensorSpec
from salus.networks.predictor import TorchPredictor
from salus.networks.regression_graph import RegressionGraph, Scale
from salus.networks.tabular_features import TabularFeatures
from salus.training import regression_models
from salus.training.recipes import describe_recipe, override_recipe
from salus.training.regression_conformal import conformal_half_width
from salus.training.treatment_base_learners import BoostingSettings, Floats, Rows, answers_of

_Positive = Annotated[int, msgspec.Meta(ge=1)]


class RegressionRecipe(BoostingSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A regression on a scale of the target; beside these the trees' settings.

    Attributes:
        model: `ridge`, `boosting`, `perceptron`, or `stack`: all three, weighed by cross-validated answers.
        scale: What is learnt: y, sqrt(y) or ln(y).
        folds: Of the stack's cross-validation.
        hidden: Widths of the perceptrons' hidden layers.
        members: Perceptrons that are averaged.
        passes: Passes of the perceptrons over the training part.
        weight_decay: Of the perceptrons.
    """

    model: Literal["ridge", "boosting", "perceptron", "stack"] = "ridge"
    scale: Scale = "identity"
    folds: Annotated[int, msgspec.Meta(ge=2)] = 5
    rounds: _Positive = 200
    hidden: tuple[_Positive, ...] = (32, 16)
    members: _Positive = 4
    passes: _Positive = 40
    weight_decay: Annotated[float, msgspec.Meta(ge=0)] = 0.05


MakeModel = Callable[[TabularFeatures], nn.Module]


class RegressionEstimator:
    """Keeps the contracts' promise of an Estimator for numbers.

    Args:
        recipe: How to learn.
        question: The number; its `coverage` is what the interval promises.
        inputs: The signature's scalar and category inputs, in order.
        options: What the person who starts the fit decided. `epochs` are the perceptrons' passes.
        bounds: Smallest and largest value that is answered, in the question's unit.
        formula: Makes a published model from the features instead of learning one; medians for missing values and the
            interval are still learnt.

    Raises:
        InvalidInput: A hyperparameter is unknown or does not fit, or epochs are asked of what has none.
    """

    def __init__(
        self,
        recipe: RegressionRecipe,
        *,
        question: Regression,
        inputs: tuple[TensorSpec, ...],
        options: FitOptions,
        bounds: tuple[float, float] = (-np.inf, np.inf),
        formula: MakeModel | None = None,
    ) -> None:
        chosen = override_recipe(recipe, options.hyperparameters)
        if options.epochs is not None and (formula is not None or chosen.model not in {"perceptron", "stack"}):
            raise InvalidInput("no number of epochs for this model", found="one in the options", remedy="Leave it out.")
        if options.epochs is not None:
            chosen = override_recipe(chosen, {"passes": options.epochs})
        self._recipe: RegressionRecipe = chosen
        self._question = question
        self._inputs = inputs
        self._options = options
        self._bounds = bounds
        self._formula = formula

    @property
    def recipe(self) -> Mapping[str, Json]:
        """The hyperparameters and the libraries' versions; of a formula its scale alone."""
        if self._formula is not None:
            return {"model": "published formula", "scale": self._recipe.scale}
        from importlib.metadata import version

        return {**describe_recipe(self._recipe), **{name: version(name) for name in ("torch", "lightgbm")}}

    def fit(self, train: Split, validation: Split, *, rng: np.random.Generator) -> TorchPredictor:
        """Learn from `train`; the interval comes from `validation`.

        Raises:
            InvalidInput: No target `value`, one that the scale does not have, or too few validation samples for the
                promised coverage.
        """
        seed = int(rng.integers(2**31 - 1))
        self._options.progress.begin("train", None)
        self._options.tracker.parameters({**self.recipe, "seed": seed})
        features = TabularFeatures.fit(self._inputs, train.inputs)
        x, y = self._read(features, train)
        model = self._fit_model(x, y, seed) if self._formula is None else self._formula(features)
        held_x, held_y = self._read(features, validation)
        errors = held_y - answers_of(model, held_x)[:, 0]
        half_width = conformal_half_width(errors, coverage=self._question.coverage)
        graph = RegressionGraph(features, model, scale=self._recipe.scale, half_width=half_width, bounds=self._bounds)
        self._options.tracker.measures(1, {"validation_mae_on_scale": float(np.abs(errors).mean())})
        self._options.progress.end()
        return TorchPredictor(
            graph,
            input_names=tuple(spec.name for spec in self._inputs),
            outputs=tuple(spec.name for spec in regression_outputs(self._question)),
        )

    def _fit_model(self, x: Rows, y: Floats, seed: int) -> nn.Module:
        recipe = self._recipe

        def trees(rows: Rows, target: Floats) -> nn.Module:
            return regression_models.boosting(rows, target, settings=recipe, seed=seed)

        def networks(rows: Rows, target: Floats) -> nn.Module:
            return regression_models.perceptrons(
                rows,
                target,
                hidden=recipe.hidden,
                members=recipe.members,
                epochs=recipe.passes,
                weight_decay=recipe.weight_decay,
                seed=seed,
            )

        fits: dict[str, regression_models.Fit] = {
            "ridge": regression_models.ridge,
            "boosting": trees,
            "perceptron": networks,
        }
        if recipe.model != "stack":
            return fits[recipe.model](x, y)
        return regression_models.stack(
            x, y, fits=list(fits.values()), folds=recipe.folds, rng=np.random.default_rng(seed)
        )

    def _read(self, features: TabularFeatures, split: Split) -> tuple[Rows, Floats]:
        """Features and target, on the scale, of the usable samples."""
        if "value" not in split.targets:
            raise InvalidInput(
                "targets named `value`", found=str(sorted(split.targets)), remedy="Read with the pack's own reader."
            )
        x, usable = features.matrix(split.inputs, self._inputs)
        value = split.targets["value"]
        usable &= np.isfinite(value)
        scale = self._recipe.scale
        lowest = {"identity": -np.inf, "sqrt": 0.0, "log": np.nextafter(0.0, 1.0)}[scale]
        if (value[usable] < lowest).any():
            raise InvalidInput(f"values that have a {scale}", found="smaller ones", remedy="Use the scale `identity`.")
        known = value[usable]
        return x[usable], np.sqrt(known) if scale == "sqrt" else np.log(known) if scale == "log" else known
