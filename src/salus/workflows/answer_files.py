"""Answers about files, from a package on this machine: pictures one by one, tables row by row."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from salus.contracts.batches import Array, take_samples
from salus.contracts.errors import InvalidInput
from salus.contracts.explanations import Attribution
from salus.contracts.reports import Calibration, EvaluationReport
from salus.contracts.services import Caller, Explanation, InferenceRequest, Prediction
from salus.contracts.tasks import Task
from salus.data.readers.tables import read_columns, scalar_column
from salus.serving.packaged_service import PackagedService
from salus.standards.images import read_any_picture, sniff

TABLES = frozenset({".csv", ".parquet", ".tsv"})
_ROWS_TOGETHER = 256


@dataclass(frozen=True)
class Answer:
    """The answer about one sample.

    Attributes:
        source: The file, or the row of a table as `file:row`, from 1.
        prediction: The answer; its axis 0 has one entry.
        attribution: Why; None where no reasons were asked for or the sample was not answered.
        method: How it was explained; empty where it was not.
        pixels: (height, width, channels) UINT8, the picture as the model saw it; None for rows.
    """

    source: str
    prediction: Prediction
    attribution: Attribution | None = None
    method: str = ""
    pixels: Array | None = None


@dataclass(frozen=True)
class AnsweredFiles:
    """All answers of one call, with what is needed to read them.

    Attributes:
        task: The question.
        calibration: Holds the threshold.
        report: Of the part by which the threshold was chosen; None where the package has none.
        answers: In the order of the files.
        explained: Whether reasons were asked for.
    """

    task: Task
    calibration: Calibration
    report: EvaluationReport | None
    answers: tuple[Answer, ...]
    explained: bool


def list_files(path: Path) -> list[Path]:
    """The file, or the readable files of a folder and those below it, in order.

    Raises:
        InvalidInput: There is nothing under this name, or nothing in it.
    """
    if path.is_file():
        return [path]
    files = sorted(each for each in path.rglob("*") if each.is_file() and not each.name.startswith("."))
    chosen = [each for each in files if each.suffix.casefold() in TABLES or _is_picture(each)]
    if not chosen:
        raise InvalidInput(
            "a PNG, JPEG or DICOM file, a CSV or Parquet table, or a folder of them",
            found="nothing of that kind",
            remedy=f"Check the path {path}.",
        )
    return chosen


async def answer_files(service: PackagedService, path: Path, *, explain: bool) -> AsyncIterator[Answer]:
    """Every sample under `path`, in order.

    Args:
        service: Answers.
        path: A file or a folder.
        explain: Whether to ask for reasons too.

    Raises:
        InvalidInput: A file cannot be read as an input of the task.
    """
    task = service.describe().manifest.task
    caller = Caller("local", frozenset({"caller"}))
    for file in list_files(path):
        table = file.suffix.casefold() in TABLES
        inputs = _read_table(file, task) if table else _read_picture(file, task)
        count = len(next(iter(inputs.values())))
        for start in range(0, count, _ROWS_TOGETHER):
            rows = np.arange(start, min(start + _ROWS_TOGETHER, count))
            request = InferenceRequest(take_samples(inputs, rows))
            whole = await (service.explain(request, caller) if explain else service.predict(request, caller))
            for index, row in enumerate(rows):
                source = f"{file.name}:{row + 1}" if table else str(file)
                picture = None if table else next(iter(inputs.values()))[row]
                yield _one(whole, index, source, picture)


def _one(whole: Prediction | Explanation, index: int, source: str, pixels: Array | None) -> Answer:
    prediction = whole.prediction if isinstance(whole, Explanation) else whole
    single = Prediction(
        request_id=prediction.request_id,
        outputs=take_samples(prediction.outputs, [index]),
        abstentions=(prediction.abstentions[index],),
        provenance=prediction.provenance,
    )
    if isinstance(whole, Explanation):
        return Answer(source, single, whole.attributions[index], whole.method, pixels)
    return Answer(source, single, pixels=pixels)


def _is_picture(path: Path) -> bool:
    with path.open("rb") as file:
        return sniff(file.read(256)) is not None


def _read_table(path: Path, task: Task) -> dict[str, Array]:
    _require(task, "table", path)
    columns = read_columns(path)
    return {spec.name: scalar_column(columns, spec) for spec in task.signature.inputs}


def _read_picture(path: Path, task: Task) -> dict[str, Array]:
    _require(task, "picture", path)
    (spec,) = task.signature.inputs
    picture = read_any_picture(path.read_bytes(), window=spec.window, channels=spec.shape[3])
    return {spec.name: picture.pixels[np.newaxis]}


def _require(task: Task, kind: str, path: Path) -> None:
    pictures = any(spec.content == "image" for spec in task.signature.inputs)
    if pictures != (kind == "picture"):
        raise InvalidInput(
            f"a {'picture' if pictures else 'table'} for {task.name}",
            found=f"{path.name}",
            remedy="Choose another file, or another package.",
        )
