from __future__ import annotations

import sys
from pathlib import Path

import pytest

from salus.contracts.errors import InvalidInput, MissingDependency
from salus.contracts.predictors import FitOptions
from salus.training.search import (
    Choice,
    Real,
    Space,
    Trial,
    TrialPruned,
    Whole,
    search_hyperparameters,
    trial_options,
)

SPACE: Space = {"x": Real(-3.0, 3.0), "rate": Real(1e-4, 1.0, log=True), "n": Whole(1, 4), "kind": Choice(("a", "b"))}


def objective(trial: Trial) -> float:
    values = trial.hyperparameters
    assert isinstance(values["x"], float)
    assert isinstance(values["n"], int)
    return (values["x"] - 1) ** 2 + values["n"] + (values["kind"] == "b")


def test_an_interrupted_search_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    seen: dict[str, list[object]] = {"whole": [], "parts": []}

    def run(name: str, trials: int) -> object:
        def recording(trial: Trial) -> float:
            seen[name].append(dict(trial.hyperparameters))
            return objective(trial)

        database = tmp_path / f"{name}.db"
        return search_hyperparameters(
            SPACE, recording, database=database, name="s", trials=trials, seed=3, maximise=False
        )

    whole = run("whole", 7)
    run("parts", 3)
    parts = run("parts", 7)
    assert seen["parts"] == seen["whole"]
    assert len(seen["whole"]) == 7
    assert parts == whole


def test_the_best_trial_is_found(tmp_path: Path) -> None:
    result = search_hyperparameters(
        SPACE, objective, database=tmp_path / "s.db", name="s", trials=10, seed=0, maximise=False, pruner="none"
    )
    assert result.finished == 10
    assert result.value < 4
    assert set(result.hyperparameters) == set(SPACE)


@pytest.mark.parametrize("pruner", ["median", "hyperband"])
def test_a_trial_that_lags_behind_is_pruned(tmp_path: Path, pruner: str) -> None:
    steps: list[int] = []

    def learning(trial: Trial) -> float:
        quality = 0.0 if trial.number >= 4 else 1.0
        for epoch in range(1, 6):
            trial.report(epoch, quality * epoch)
        steps.append(trial.number)
        return quality

    result = search_hyperparameters(
        {"x": Real(0, 1)}, learning, database=tmp_path / "s.db", name="s", trials=8, seed=0, maximise=True,
        pruner=pruner,  # type: ignore[arg-type]  # one of the literals
    )  # fmt: skip
    assert result.pruned > 0
    assert result.finished + result.pruned == 8
    assert result.value == 1.0


def test_a_trial_that_failed_is_kept_as_failed_and_tried_anew(tmp_path: Path) -> None:
    def failing(trial: Trial) -> float:
        if trial.number == 1:
            raise RuntimeError("killed")
        return 1.0

    arguments = {"database": tmp_path / "s.db", "name": "s", "seed": 0, "maximise": True}
    with pytest.raises(RuntimeError, match="killed"):
        search_hyperparameters({"x": Real(0, 1)}, failing, trials=3, **arguments)  # type: ignore[arg-type]  # as named
    result = search_hyperparameters({"x": Real(0, 1)}, failing, trials=3, **arguments)  # type: ignore[arg-type]  # as named
    assert (result.finished, result.failed) == (3, 1)


def test_a_fit_is_pruned_through_its_tracker(tmp_path: Path) -> None:
    def fit(trial: Trial) -> float:
        options = trial_options(trial, FitOptions(epochs=2, hyperparameters={"fixed": 1}), measure="validation_auroc")
        assert options.hyperparameters == {"fixed": 1, **trial.hyperparameters}
        assert options.epochs == 2
        options.tracker.parameters({})
        for epoch in range(1, 5):
            options.tracker.measures(
                epoch, {"validation_auroc": float("nan") if epoch == 1 else 1.0 / (trial.number + 1)}
            )
        return 1.0 / (trial.number + 1)

    result = search_hyperparameters(
        {"x": Real(0, 1)}, fit, database=tmp_path / "s.db", name="s", trials=6, seed=0, maximise=True
    )
    assert result.pruned == 3
    assert result.trial == 0


def test_a_search_that_cannot_find_anything_says_so(tmp_path: Path) -> None:
    def pruned(trial: Trial) -> float:
        raise TrialPruned

    with pytest.raises(InvalidInput, match="one trial that finished"):
        search_hyperparameters(
            {"x": Real(0, 1)}, pruned, database=tmp_path / "s.db", name="s", trials=2, seed=0, maximise=True
        )
    with pytest.raises(InvalidInput, match="hyperparameter to vary"):
        search_hyperparameters({}, objective, database=tmp_path / "s.db", name="s", trials=2, seed=0, maximise=True)


def test_a_missing_optuna_is_said_with_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingDependency, match=r"salus\[train\]"):
        search_hyperparameters(SPACE, objective, database=tmp_path / "s.db", name="s", trials=1, seed=0, maximise=True)
