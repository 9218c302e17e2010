"""Where a training run writes what happened: JSON lines always, MLflow's store where it is installed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from salus.contracts.errors import MissingDependency
from salus.contracts.predictors import Json, Tracker

_LONGEST_PARAMETER = 6000


class JsonLinesTracker:
    r"""One JSON object a line: `{"parameters": {...}}` once, then `{"step": n, "measures": {...}}`.

    A measure that is NaN or infinite is written as null, since JSON has no such numbers. Each line is on disk when
    the call returns. A resumed training appends.

    Args:
        path: The file; its folder is made.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "run.jsonl"
        >>> JsonLinesTracker(path).measures(1, {"loss": 0.5})
        >>> path.read_text()
        '{"step": 1, "measures": {"loss": 0.5}}\n'
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path

    def parameters(self, values: Mapping[str, Json]) -> None:
        """Append the recipe."""
        self._append({"parameters": dict(values)})

    def measures(self, step: int, values: Mapping[str, float]) -> None:
        """Append the figures of an epoch."""
        finite = {name: value if math.isfinite(value) else None for name, value in values.items()}
        self._append({"step": step, "measures": finite})

    def _append(self, record: dict[str, Any]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")


class MlflowTracker:
    """One MLflow run in an SQLite store, which `mlflow ui` and MlflowClient read.

    Use it in a `with` statement: the run is then marked as finished, or as failed where an error leaves the block.
    MLflow's tables are made at the first use, which takes some seconds.

    Args:
        database: The store's file, such as `mlflow.db`; its folder is made.
        experiment: The experiment's name; made if it is new.
        run: The run's name.
        tags: Kept with the run, such as the data set's digest.

    Raises:
        MissingDependency: mlflow-skinny is not installed.
    """

    def __init__(self, database: Path, *, experiment: str, run: str, tags: Mapping[str, str] | None = None) -> None:
        try:
            from mlflow import MlflowClient
        except ImportError as error:
            raise MissingDependency(
                "mlflow-skinny", found="no module of that name", remedy="Install it: pip install 'salus[track]'."
            ) from error
        database = database.resolve()
        database.parent.mkdir(parents=True, exist_ok=True)
        self._client = MlflowClient(tracking_uri=f"sqlite:///{database}")
        known = self._client.get_experiment_by_name(experiment)
        artifacts = (database.parent / "artifacts").as_uri()
        identifier = (
            self._client.create_experiment(experiment, artifact_location=artifacts)
            if known is None
            else known.experiment_id
        )
        self.run_id: str = self._client.create_run(identifier, run_name=run, tags=dict(tags or {})).info.run_id

    def parameters(self, values: Mapping[str, Json]) -> None:
        """Record the recipe; what is no number or text is written as JSON, at most 6000 characters of it."""
        for name, value in values.items():
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            self._client.log_param(self.run_id, name, text[:_LONGEST_PARAMETER])

    def measures(self, step: int, values: Mapping[str, float]) -> None:
        """Record the figures of an epoch; those that are not defined (NaN, infinite) are left out."""
        for name, value in values.items():
            if math.isfinite(value):
                self._client.log_metric(self.run_id, name, value, step=step)

    def __enter__(self) -> MlflowTracker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.set_terminated(self.run_id, status="FINISHED" if kind is None else "FAILED")


class SeveralTrackers:
    """Tells each of several trackers.

    Args:
        trackers: In the order in which they are told.
    """

    def __init__(self, *trackers: Tracker) -> None:
        self._trackers = trackers

    def parameters(self, values: Mapping[str, Json]) -> None:
        """Pass the recipe on."""
        for tracker in self._trackers:
            tracker.parameters(values)

    def measures(self, step: int, values: Mapping[str, float]) -> None:
        """Pass the figures on."""
        for tracker in self._trackers:
            tracker.measures(step, values)
