"""Learns which option gives whom the best expected outcome, from what options were given and what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray
from torch import nn

from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.predictors import FitOptions, Json
from salus.contracts.tensors import TensorSpec
from salus.contracts.treatment import Choice, treatment_outputs
from salus.networks.predictor import TorchPredictor
from salus.networks.tabular_features import TabularFeatures
from salus.networks.treatment_graph import TreatmentGraph
from salus.training.recipes import describe_recipe, override_recipe
from salus.training.treatment_base_learners import (
    BoostingSettings,
    Floats,
    Rows,
    answers_of,
    draw_member_weights,
    make_base_learner,
)
from salus.training.treatment_meta_learners import MetaLearner, fit_outcomes
from salus.training.treatment_networks import NetworkSamples, NetworkSettings, fit_networks
from salus.training.treatment_propensity import fit_propensity, fit_support

Members = Annotated[int, msgspec.Meta(ge=1, le=500)]
PropensityKind = Literal["logistic", "boosting"]
FarQuantile = Annotated[float, msgspec.Meta(gt=0.5, le=1)]
LeastPropensity = Annotated[float, msgspec.Meta(ge=0, lt=0.5)]


class MetaLearnerRecipe(BoostingSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A meta-learner over a base learner; beside these its trees' settings.

    Attributes:
        learner: `s`, `t`, `x` or `dr`.
        base: `ridge` (penalty by leave-one-out error) or `boosting` (LightGBM).
        members: Bootstrap resamples whose spread is the interval; at least 2 for an interval.
        folds: Of the cross-fitting in the DR-learner.
        propensity: `logistic` regression, its penalty chosen by validation log loss, or `boosting` (LightGBM).
        far_quantile: Samples farther from the training mean than this share of the training part are without overlap.
        least_propensity: Smallest propensity with overlap, where the optimal trimming would allow a smaller one.
    """

    learner: MetaLearner = "t"
    base: Literal["ridge", "boosting"] = "ridge"
    members: Members = 50
    folds: Annotated[int, msgspec.Meta(ge=2)] = 5
    propensity: PropensityKind = "logistic"
    far_quantile: FarQuantile = 0.99
    least_propensity: LeastPropensity = 0.05


class NetworkRecipe(NetworkSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """TARNet or CFR; beside these the networks' settings.

    Attributes:
        members: Networks, each on its own bootstrap resample and from first weights of its own.
        propensity: As for `MetaLearnerRecipe`.
        far_quantile: Likewise.
        least_propensity: Likewise.
    """

    members: Members = 10
    propensity: PropensityKind = "logistic"
    far_quantile: FarQuantile = 0.99
    least_propensity: LeastPropensity = 0.05


@dataclass(frozen=True)
class _Part:
    """The usable samples of a part."""

    x: Rows
    given: NDArray[np.int64]
    outcome: Floats


class TreatmentEstimator:
    """Keeps the contracts' promise of an Estimator for choices between options.

    What it gives is one torch module: features, expected outcomes, propensity and overlap (`networks.treatment_graph`).
    Intervals are Student's t intervals of a bootstrap ensemble: they tell the uncertainty of the expected outcome,
    not the spread of single patients' outcomes, and nothing of confounders that were not recorded.

    Args:
        recipe: A `MetaLearnerRecipe` or a `NetworkRecipe`.
        question: The choice.
        inputs: The signature's scalar and category inputs, in order.
        options: What the person who starts the fit decided. `epochs` are the steps of a network; a meta-learner
            refuses them.
        bounds: Smallest and largest possible outcome, in its unit.

    Raises:
        InvalidInput: A hyperparameter is unknown or does not fit, or epochs are asked of a meta-learner.
    """

    def __init__(
        self,
        recipe: MetaLearnerRecipe | NetworkRecipe,
        *,
        question: Choice,
        inputs: tuple[TensorSpec, ...],
        options: FitOptions,
        bounds: tuple[float, float] = (-np.inf, np.inf),
    ) -> None:
        if options.epochs is not None and isinstance(recipe, MetaLearnerRecipe):
            raise InvalidInput(
                "no number of epochs for a meta-learner", found="one in the options", remedy="Leave it out."
            )
        chosen = override_recipe(recipe, options.hyperparameters)
        if options.epochs is not None:
            chosen = override_recipe(chosen, {"steps": options.epochs})
        self._recipe: MetaLearnerRecipe | NetworkRecipe = chosen
        self._question = question
        self._inputs = inputs
        self._options = options
        self._bounds = bounds

    @property
    def recipe(self) -> Mapping[str, Json]:
        """The hyperparameters and the libraries' versions."""
        from importlib.metadata import version

        libraries = {name: version(name) for name in ("torch", "scikit-learn", "lightgbm")}
        return {**describe_recipe(self._recipe), **libraries}

    def fit(self, train: Split, validation: Split, *, rng: np.random.Generator) -> TorchPredictor:
        """Learn.

        Raises:
            InvalidInput: No outcomes, options outside the question, or an option that nobody was given.
        """
        from scipy.stats import t as student

        count, seed = len(self._question.options), int(rng.integers(2**31 - 1))
        self._options.progress.begin("train", None)
        self._options.tracker.parameters({**self.recipe, "seed": seed})
        features = TabularFeatures.fit(self._inputs, train.inputs)
        learnt, held = (self._read(features, split) for split in (train, validation))
        recipe = self._recipe
        propensity = fit_propensity(
            learnt.x, learnt.given, (held.x, held.given), options=count, model=recipe.propensity, seed=seed
        )
        support = fit_support(
            learnt.x,
            answers_of(propensity, learnt.x),
            far_quantile=recipe.far_quantile,
            least_propensity=recipe.least_propensity,
        )
        graph = TreatmentGraph(
            features,
            self._fit_outcomes(learnt, held, np.random.default_rng(seed)),
            propensity,
            support,
            width=float(student.ppf(0.975, recipe.members - 1)) if recipe.members > 1 else 0.0,
            higher_is_better=self._question.better == "higher",
            resolution=1e-4 * max(float(learnt.outcome.std()), 1e-6),
            bounds=self._bounds,
        )
        self._options.progress.end()
        return TorchPredictor(
            graph,
            input_names=tuple(spec.name for spec in self._inputs),
            outputs=tuple(spec.name for spec in treatment_outputs(self._question)),
        )

    def _fit_outcomes(self, learnt: _Part, held: _Part, rng: np.random.Generator) -> nn.Module:
        count, recipe = len(self._question.options), self._recipe
        seed = int(rng.integers(2**31 - 1))
        if isinstance(recipe, MetaLearnerRecipe):
            base = make_base_learner(recipe.base, recipe, seed=seed)
            return fit_outcomes(
                recipe.learner,
                learnt.x,
                learnt.given,
                learnt.outcome,
                base=base,
                options=count,
                members=recipe.members,
                folds=recipe.folds,
                rng=rng,
            )
        weights = draw_member_weights(rng, len(learnt.x), recipe.members)
        parts = [
            NetworkSamples(part.x, part.given, np.tile(part.outcome, (recipe.members, 1)), weight)
            for part, weight in ((learnt, weights), (held, np.ones((recipe.members, len(held.x)))))
        ]
        networks, losses = fit_networks(parts[0], parts[1], options=count, settings=recipe, seed=seed)
        self._options.tracker.measures(recipe.steps, {"validation_loss": float(losses.mean())})
        return networks

    def _read(self, features: TabularFeatures, split: Split) -> _Part:
        if "outcome" not in split.targets or split.labels.max(initial=0) >= len(self._question.options):
            raise InvalidInput(
                f"targets named `outcome` and options from 0 to {len(self._question.options) - 1}",
                found=f"targets {sorted(split.targets)} and options up to {split.labels.max(initial=0)}",
                remedy="Read the data with the pack's own reader.",
            )
        x, usable = features.matrix(split.inputs, self._inputs)
        usable &= np.isfinite(split.targets["outcome"])
        return _Part(x[usable], split.labels[usable], split.targets["outcome"][usable])
