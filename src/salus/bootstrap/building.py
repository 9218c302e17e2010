"""From the words of a command to a walk of the making side."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from salus.bootstrap.house import House
from salus.contracts.errors import InvalidInput
from salus.contracts.packs import SolverKit
from salus.contracts.predictors import FitOptions, Json, NoTracker, Tracker
from salus.contracts.progress import Progress
from salus.plugins.discovery import find_kit, find_learned_kit
from salus.training.search import SearchResult
from salus.workflows.build_model import BuildOutcome, BuildRequest, build_model, choose_estimator
from salus.workflows.build_solver import SolverBuildRequest, build_solver
from salus.workflows.model_forms import FORMS
from salus.workflows.search_recipe import SearchRequest, search_recipe
from salus.workflows.workshop import package_name


@dataclass(frozen=True)
class BuildOptions:
    """The words.

    `hyperparameters` are `NAME=VALUE`; a value is read as JSON, else as text. `own_data` is a labelled folder or table
    to train on instead of the pack's data set.
    """

    estimator: str | None = None
    seed: int = 0
    epochs: int | None = None
    device: Literal["auto", "cpu", "cuda"] = "auto"
    hyperparameters: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    forms: tuple[str, ...] = ("int8",)
    mlflow: bool = False
    own_data: Path | None = None


def run_build(question: str, options: BuildOptions, progress: Progress, house: House | None = None) -> BuildOutcome:
    """Build the package that `question` names. Raises as `build_model`; of a solver as `build_solver`."""
    # Idle threads sleep instead of spinning (OpenMP 5.2, section 21.3): spinning ones starve others on a busy machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    here = house or House()
    pack, kit = find_kit(question)
    if isinstance(kit, SolverKit):
        settings = read_assignments(options.hyperparameters)
        asked = SolverBuildRequest(
            pack=pack, kit=kit, seed=options.seed, settings=settings, allow=frozenset(options.allow)
        )
        return build_solver(asked, here.workshop(progress))
    estimator = choose_estimator(kit, options.estimator)
    name = package_name(pack, kit)
    with _tracker(here, name, f"{estimator}, seed {options.seed}", wanted=options.mlflow) as tracker:
        fit = FitOptions(
            epochs=options.epochs,
            device=options.device,
            hyperparameters=read_assignments(options.hyperparameters),
            progress=progress,
            tracker=tracker,
        )
        request = BuildRequest(
            pack=pack,
            kit=kit,
            estimator=estimator,
            seed=options.seed,
            options=fit,
            allow=frozenset(options.allow),
            forms=options.forms,
            own_data=options.own_data,
        )
        return build_model(request, here.workshop(progress))


def run_optimisation(
    question: str, options: BuildOptions, progress: Progress, house: House | None = None
) -> BuildOutcome:
    """Build the package that `question` names in every form.

    Raises as `build_model`, and UnsupportedInput where a solver answers: there is nothing to make smaller.
    """
    find_learned_kit(question)
    return run_build(question, replace(options, forms=FORMS), progress, house)


def run_search(
    question: str,
    *,
    trials: int,
    estimator: str | None,
    seed: int,
    epochs: int | None,
    progress: Progress,
    house: House | None = None,
) -> SearchResult:
    """Search the hyperparameters of the estimator that `question` names. Raises as `search_recipe`."""
    pack, kit = find_learned_kit(question)
    request = SearchRequest(
        pack=pack, kit=kit, estimator=estimator, trials=trials, seed=seed, options=FitOptions(epochs=epochs)
    )
    return search_recipe(request, (house or House()).workshop(progress))


def read_assignments(words: tuple[str, ...]) -> dict[str, Json]:
    """`NAME=VALUE` words as a mapping.

    Raises:
        InvalidInput: A word without `=`.
    """
    values: dict[str, Json] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not (name and equals):
            raise InvalidInput("NAME=VALUE", found=repr(word), remedy="For example: --set learning_rate=0.002")
        try:
            values[name] = json.loads(text)
        except json.JSONDecodeError:
            values[name] = text
    return values


@contextmanager
def _tracker(house: House, name: str, run: str, *, wanted: bool) -> Iterator[Tracker]:
    if not wanted:
        yield NoTracker()
        return
    from salus.training.tracking import MlflowTracker

    with MlflowTracker(house.settings.home / "runs" / "mlflow.db", experiment=name, run=run) as tracker:
        yield tracker
