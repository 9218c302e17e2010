from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from salus.contracts.errors import MissingDependency
from salus.contracts.predictors import NoTracker, Tracker
from salus.training.tracking import JsonLinesTracker, MlflowTracker, SeveralTrackers


def tell(tracker: Tracker) -> None:
    tracker.parameters({"epochs": 3, "optimiser": "adamw", "widths": [8, 16]})
    tracker.measures(1, {"loss": 0.5, "auroc": float("nan")})
    tracker.measures(2, {"loss": 0.25, "auroc": 0.75})


def test_json_lines_hold_the_recipe_and_each_epoch(tmp_path: Path) -> None:
    tell(JsonLinesTracker(tmp_path / "new" / "run.jsonl"))
    lines = [json.loads(line) for line in (tmp_path / "new" / "run.jsonl").read_text().splitlines()]
    assert lines == [
        {"parameters": {"epochs": 3, "optimiser": "adamw", "widths": [8, 16]}},
        {"step": 1, "measures": {"loss": 0.5, "auroc": None}},
        {"step": 2, "measures": {"loss": 0.25, "auroc": 0.75}},
    ]


def test_mlflow_reads_the_run_back(tmp_path: Path) -> None:
    mlflow = pytest.importorskip("mlflow")
    database = tmp_path / "store" / "mlflow.db"
    with MlflowTracker(database, experiment="chest", run="seed 0", tags={"dataset": "abc"}) as tracker:
        tell(SeveralTrackers(tracker, JsonLinesTracker(tmp_path / "run.jsonl"), NoTracker()))
    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{database}")
    experiment = client.get_experiment_by_name("chest")
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.status == "FINISHED"
    assert run.info.run_name == "seed 0"
    assert run.data.params == {"epochs": "3", "optimiser": "adamw", "widths": "[8, 16]"}
    assert run.data.metrics == {"loss": 0.25, "auroc": 0.75}
    assert run.data.tags["dataset"] == "abc"
    assert [m.value for m in client.get_metric_history(run.info.run_id, "loss")] == [0.5, 0.25]
    with pytest.raises(KeyError), MlflowTracker(database, experiment="chest", run="broken") as tracker:
        raise KeyError
    assert client.get_run(tracker.run_id).info.status == "FAILED"
    assert (tmp_path / "run.jsonl").exists()


def test_a_missing_mlflow_is_said_with_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(MissingDependency, match=r"salus\[track\]"):
        MlflowTracker(tmp_path / "mlflow.db", experiment="e", run="r")
