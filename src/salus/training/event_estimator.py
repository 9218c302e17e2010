"""Learns to judge samples from observations in time: four families of models, and their mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Literal

import numpy as np
import torch

from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.predictors import FitOptions, Json
from salus.contracts.tensors import TensorSpec
from salus.networks.event_classifier import EventClassifier, EventEnsemble, EventRisk
from salus.networks.event_summary import EventSummary
from salus.networks.predictor import TorchPredictor
from salus.training.determinism import isolated
from salus.training.event_features import fit_boosting, fit_logistic
from salus.training.event_networks import fit_event_transformer, fit_gru_decay
from salus.training.event_recipes import (
    BoostedEventRecipe,
    EventEnsembleRecipe,
    EventRecipe,
    EventTransformerRecipe,
    GruDecayRecipe,
    LogisticRecipe,
    NetworkRecipe,
)
from salus.training.event_rows import Stays, read_stays, static_features
from salus.training.recipes import describe_recipe, override_recipe

EventKind = Literal["logistic", "gradient_boosting", "gru_decay", "event_transformer", "ensemble"]

_RECIPES: dict[EventKind, EventRecipe] = {
    "logistic": LogisticRecipe(),
    "gradient_boosting": BoostedEventRecipe(),
    "gru_decay": GruDecayRecipe(),
    "event_transformer": EventTransformerRecipe(),
    "ensemble": EventEnsembleRecipe(),
}
OUTPUTS = ("logits", "course_logits")


class EventEstimator:
    """Keeps the contracts' promise of an Estimator for scalars and one input of observations, two classes.

    Rounds and epochs are fixed numbers: nothing is chosen by the validation part, which is only told of, so that
    calibration and threshold may be fitted on it. Samples with fewer observations than the signature's fewest, which
    the service does not judge, are left out.

    Args:
        kind: The family. `logistic` and `gradient_boosting` judge a summary of the observations, `gru_decay` hourly
            means, `event_transformer` the observations themselves; `ensemble` averages the log-odds of some of them.
        inputs: The signature's inputs, in order, the observations last.
        times: The times of the course, in whole units of the observations' times.
        unions: Sets of variables that the summary also tells as one, by the name of the whole.
        ratios: Pairs of variables or unions, by name, whose ratio the summary tells.
        options: What the person who starts the fit decided. `epochs` are boosting rounds or passes; it runs on the CPU.

    Raises:
        InvalidInput: The inputs are of another form, a hyperparameter is unknown or does not fit, or epochs or a GPU
            are asked of what has none.
    """

    def __init__(
        self,
        kind: EventKind,
        *,
        inputs: tuple[TensorSpec, ...],
        times: Sequence[float],
        unions: Mapping[str, tuple[str, ...]] | None = None,
        ratios: Sequence[tuple[str, str]] = (),
        options: FitOptions,
    ) -> None:
        events = inputs[-1]
        names = [variable.name for variable in events.variables]
        if events.content != "events" or events.valid_range is None:
            raise InvalidInput(
                "scalar inputs and then observations in a range of times",
                found=f"{events.name!r} last, of content {events.content!r}",
                remedy="Choose an estimator for the inputs' content, or state the range.",
            )
        if options.device == "cuda" or (options.epochs is not None and kind in {"logistic", "ensemble"}):
            raise InvalidInput(
                f"no {'GPU' if options.device == 'cuda' else 'number of epochs'} for the estimator {kind}",
                found="one in the options",
                remedy="Leave it out.",
            )
        recipe = override_recipe(_RECIPES[kind], options.hyperparameters)
        if options.epochs is not None:
            recipe = override_recipe(
                recipe, {"epochs" if isinstance(recipe, NetworkRecipe) else "rounds": options.epochs}
            )
        self._kind: EventKind = kind
        self._recipe: EventRecipe = recipe
        self._inputs = inputs
        self._times = tuple(times)
        self._duration = events.valid_range[1]
        self._variables = len(names)
        self._unions = [[names.index(name) for name in members] for members in (unions or {}).values()]
        columns = [*names, *(unions or {})]
        self._ratios = [(columns.index(above), columns.index(below)) for above, below in ratios]
        self._options = options

    @property
    def recipe(self) -> Mapping[str, Json]:
        """The hyperparameters, the kind and the libraries' versions."""
        libraries = {name: version(name) for name in ("torch", "lightgbm", "scikit-learn")}
        return {**describe_recipe(self._recipe), "kind": self._kind, **libraries}

    def fit(self, train: Split, validation: Split, *, rng: np.random.Generator) -> TorchPredictor:
        """Learn.

        Raises:
            InvalidInput: The training part does not hold both classes among the samples with enough observations.
        """
        parts = read_stays(train, self._inputs), read_stays(validation, self._inputs)
        if len(np.unique(parts[0].labels)) < 2 or not len(parts[1]):
            raise InvalidInput(
                "training samples of both classes, and validation samples, with enough observations",
                found=f"{len(parts[0])} and {len(parts[1])} usable samples",
                remedy="Divide the data anew.",
            )
        left_out = len(train) - len(parts[0])
        self._options.tracker.parameters({**self.recipe, "samples_left_out_for_missing": left_out})
        risk = self._fit_kind(self._kind, self._recipe, *parts, rng)
        self._options.progress.end()
        module = EventClassifier(static_features(self._inputs), risk)
        return TorchPredictor(module, input_names=tuple(spec.name for spec in self._inputs), outputs=OUTPUTS)

    def _fit_kind(
        self, kind: str, recipe: EventRecipe, train: Stays, validation: Stays, rng: np.random.Generator
    ) -> EventRisk:
        if isinstance(recipe, EventEnsembleRecipe):
            return self._fit_ensemble(recipe, train, validation, rng)
        epochs = recipe.epochs if isinstance(recipe, NetworkRecipe) else None
        self._options.progress.begin(f"train {kind}", epochs)

        def tell(epoch: int, figures: Mapping[str, float]) -> None:
            self._options.progress.advance(1, **figures)
            self._options.tracker.measures(epoch, {f"{kind}.{name}": value for name, value in figures.items()})

        if isinstance(recipe, LogisticRecipe):
            return fit_logistic(train, recipe, summary=self._summary(recipe.recent), times=self._times, rng=rng)
        if isinstance(recipe, BoostedEventRecipe):
            return fit_boosting(train, recipe, summary=self._summary(recipe.recent), times=self._times, rng=rng)
        with isolated(int(rng.integers(2**31 - 1)), device=torch.device("cpu"), threads=None):
            if isinstance(recipe, GruDecayRecipe):
                return fit_gru_decay(
                    train,
                    validation,
                    recipe,
                    variables=self._variables,
                    hours=round(self._duration),
                    times=self._times,
                    rng=rng,
                    tell=tell,
                )
            return fit_event_transformer(
                train,
                validation,
                recipe,
                variables=self._variables,
                duration=self._duration,
                times=self._times,
                rng=rng,
                tell=tell,
            )

    def _fit_ensemble(
        self, recipe: EventEnsembleRecipe, train: Stays, validation: Stays, rng: np.random.Generator
    ) -> EventEnsemble:
        offered: tuple[tuple[str, EventRecipe, float], ...] = (
            ("logistic", recipe.logistic, recipe.weights.logistic),
            ("gradient_boosting", recipe.gradient_boosting, recipe.weights.gradient_boosting),
            ("gru_decay", recipe.gru_decay, recipe.weights.gru_decay),
            ("event_transformer", recipe.event_transformer, recipe.weights.event_transformer),
        )
        wanted = [(name, own, weight) for name, own, weight in offered if weight > 0.0]
        if not wanted:
            raise InvalidInput("a member of weight above 0", found="none", remedy="Correct `weights`.")
        total = sum(weight for _, _, weight in wanted)
        members = [self._fit_kind(name, own, train, validation, rng) for name, own, _ in wanted]
        return EventEnsemble(members, weights=[weight / total for _, _, weight in wanted])

    def _summary(self, recent: float) -> EventSummary:
        return EventSummary(self._variables, unions=self._unions, ratios=self._ratios, recent=recent)
