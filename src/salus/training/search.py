"""Search for hyperparameters: declared as data, kept in SQLite, pruned, resumable, from one seed.

The objective may look at validation data only; a test part has no place in a search.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from salus.contracts.errors import InvalidInput, MissingDependency
from salus.contracts.predictors import FitOptions, Json
from salus.contracts.progress import Progress, Silence

Pruner = Literal["median", "hyperband", "none"]


@dataclass(frozen=True)
class Real:
    """A real number from `low` to `high`, both included; evenly on a logarithmic scale with `log`."""

    low: float
    high: float
    log: bool = False


@dataclass(frozen=True)
class Whole:
    """A whole number from `low` to `high`, both included; evenly on a logarithmic scale with `log`."""

    low: int
    high: int
    log: bool = False


@dataclass(frozen=True)
class Choice:
    """One of several values: numbers, text, Booleans or None."""

    values: tuple[bool | int | float | str | None, ...]


Space = Mapping[str, Real | Whole | Choice]
"""Hyperparameters by name."""


class TrialPruned(Exception):
    """Raised by `Trial.report` where the trial lags behind the others; the objective lets it pass."""


@dataclass(frozen=True)
class Trial:
    """One set of hyperparameters that an objective tries.

    Attributes:
        number: Counts from 0.
        hyperparameters: By name, as `FitOptions.hyperparameters` takes them.
    """

    number: int
    hyperparameters: Mapping[str, Json]
    _inner: Any = field(repr=False)

    def report(self, step: int, value: float) -> None:
        """Tell the validation measure at `step` (an epoch).

        Raises:
            TrialPruned: The trial is stopped.
        """
        self._inner.report(value, step)
        if self._inner.should_prune():
            raise TrialPruned


class ReportingTracker:
    """A tracker for an estimator's fit within a trial: reports one of its measures, so that the fit can be pruned.

    Args:
        trial: Told.
        measure: Name of the measure as the fit tells it, such as `validation_auroc`.
    """

    def __init__(self, trial: Trial, *, measure: str) -> None:
        self._trial = trial
        self._measure = measure

    def parameters(self, values: Mapping[str, Json]) -> None:
        """Keep nothing; the study has them."""

    def measures(self, step: int, values: Mapping[str, float]) -> None:
        """Report the measure, where it is defined."""
        value = values.get(self._measure)
        if value is not None and np.isfinite(value):
            self._trial.report(step, value)


@dataclass(frozen=True)
class SearchResult:
    """What a search found.

    Attributes:
        hyperparameters: Of the best finished trial.
        value: Its validation measure.
        trial: Its number.
        finished: How many trials ended with a value.
        pruned: How many were stopped early.
        failed: How many ended with an error or a kill.
    """

    hyperparameters: Mapping[str, Json]
    value: float
    trial: int
    finished: int
    pruned: int
    failed: int


def search_hyperparameters(
    space: Space,
    objective: Callable[[Trial], float],
    *,
    database: Path,
    name: str,
    trials: int,
    seed: int,
    maximise: bool,
    pruner: Pruner = "median",
    progress: Progress | None = None,
) -> SearchResult:
    """Try hyperparameters until `trials` have ended, those of an earlier call of the same study included.

    Each trial is drawn by the tree-structured Parzen estimator (Bergstra et al., NeurIPS 2011) from what the earlier
    ones found and a seed of its own, so a search that was interrupted between trials goes on as if it had not been.
    A trial that was killed counts as failed and is not counted in `trials`.

    Args:
        space: What may vary.
        objective: Fits, and returns a validation measure. `TrialPruned` may pass through it.
        database: An SQLite file; its folder is made.
        name: The study's name in it.
        trials: Finished and pruned trials, all told.
        seed: From which each trial's seed comes.
        maximise: Whether a larger measure is better.
        pruner: `median` (stop what lags behind the median of earlier trials), `hyperband` (Li et al., JMLR 2018) or
            `none`.
        progress: Told about each trial.

    Returns:
        The best trial.

    Raises:
        MissingDependency: optuna is not installed.
        InvalidInput: No trial finished, or the space is empty.
    """
    optuna = _import_optuna()
    if not space:
        raise InvalidInput("at least one hyperparameter to vary", found="none", remedy="Declare the search space.")
    progress = progress or Silence()
    database.parent.mkdir(parents=True, exist_ok=True)
    study = optuna.create_study(
        storage=f"sqlite:///{database.resolve()}",
        study_name=name,
        load_if_exists=True,
        direction="maximize" if maximise else "minimize",
        pruner=_make_pruner(optuna, pruner),
        sampler=optuna.samplers.RandomSampler(seed=seed),
    )
    states = optuna.trial.TrialState
    for abandoned in study.get_trials(deepcopy=False, states=(states.RUNNING,)):
        study.tell(abandoned.number, state=states.FAIL)
    ended = len(study.get_trials(deepcopy=False, states=(states.COMPLETE, states.PRUNED)))
    progress.begin("search", trials)
    progress.advance(ended)
    for index in range(ended, trials):
        study.sampler = optuna.samplers.TPESampler(seed=_trial_seed(seed, index), n_startup_trials=5)
        inner = study.ask()
        trial = Trial(inner.number, {key: _suggest(inner, key, range_) for key, range_ in space.items()}, inner)
        try:
            value = objective(trial)
        except TrialPruned:
            study.tell(inner, state=states.PRUNED)
            progress.advance(1)
            continue
        except BaseException:
            study.tell(inner, state=states.FAIL)
            raise
        study.tell(inner, value)
        progress.advance(1, value=value)
    progress.end()
    return _result(study, states)


def trial_options(trial: Trial, options: FitOptions, *, measure: str) -> FitOptions:
    """Options for an estimator's fit within a trial: the trial's hyperparameters, and pruning by `measure`.

    No checkpoints are kept, since a trial is not resumed.
    """
    return FitOptions(
        epochs=options.epochs,
        device=options.device,
        hyperparameters={**options.hyperparameters, **trial.hyperparameters},
        tracker=ReportingTracker(trial, measure=measure),
    )


def _import_optuna() -> Any:
    try:
        import optuna
    except ImportError as error:
        raise MissingDependency(
            "optuna", found="no module of that name", remedy="Install it: pip install 'salus[train]'."
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def _make_pruner(optuna: Any, name: Pruner) -> Any:
    if name == "median":
        return optuna.pruners.MedianPruner(n_startup_trials=3)
    return optuna.pruners.HyperbandPruner() if name == "hyperband" else optuna.pruners.NopPruner()


def _trial_seed(seed: int, index: int) -> int:
    return int(np.random.SeedSequence([seed, index]).generate_state(1)[0])


def _suggest(inner: Any, name: str, space: Real | Whole | Choice) -> Json:
    value: Json
    if isinstance(space, Real):
        value = inner.suggest_float(name, space.low, space.high, log=space.log)
    elif isinstance(space, Whole):
        value = inner.suggest_int(name, space.low, space.high, log=space.log)
    else:
        value = inner.suggest_categorical(name, list(space.values))
    return value


def _result(study: Any, states: Any) -> SearchResult:
    counts = {state: len(study.get_trials(deepcopy=False, states=(state,))) for state in states}
    if counts[states.COMPLETE] == 0:
        raise InvalidInput(
            "at least one trial that finished", found="none", remedy="Give it more trials, or a pruner that is milder."
        )
    best = study.best_trial
    return SearchResult(
        hyperparameters=dict(best.params),
        value=float(best.value),
        trial=best.number,
        finished=counts[states.COMPLETE],
        pruned=counts[states.PRUNED],
        failed=counts[states.FAIL],
    )
