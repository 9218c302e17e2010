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
from salus.workflows.named_files import find_files, naming

TABLES = frozenset({".csv", ".parquet", ".pq", ".tsv"})
_ROWS_TOGETHER = 64


@dataclass(frozen=True)
class Answer:
    """The answer about one sample.

    Attributes:
        source: The file's name below the given folder; of a row of a table `file:row`, from 1.
        prediction: The answer; its axis 0 has one entry.
        attribution: Why; None where no reasons were asked for or the sample was not answered.
        method: How it was explained; empty where it was not.
        pixels: (height, width, channels) UINT8, the picture in display grey levels as the model was given it; None
            for rows.
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


def list_samples(path: Path) -> dict[str, Path]:
    """The file, or the tables and pictures of a folder and those below it, by their names below it, in order.

    Raises:
        InvalidInput: There is nothing under this name, or nothing in it that can be read.
    """
    files = find_files(path)
    if path.is_file():
        return files
    chosen = {name: file for name, file in files.items() if _is_table(file) or _is_picture(file)}
    if not chosen:
        raise InvalidInput(
            "a PNG, JPEG or DICOM file, a CSV or Parquet table, or a folder of them",
            found=f"{len(files)} files, none of that kind",
            remedy=f"Check the path {path}.",
        )
    return chosen


async def answer_file(service: PackagedService, file: Path, name: str, *, explain: bool) -> AsyncIterator[Answer]:
    """The picture in `file`, or every row of the table in it, in order.

    Args:
        service: Answers.
        file: A picture or a table.
        name: What the file is called in the answers.
        explain: Whether to ask for reasons too.

    Raises:
        InvalidInput: The file cannot be read as inputs of the task.
    """
    caller = Caller("local", frozenset({"caller"}))
    table = _is_table(file)
    with naming(name):
        inputs = _read_inputs(file, service.describe().manifest.task, table=table)
    count = len(next(iter(inputs.values())))
    for start in range(0, count, _ROWS_TOGETHER):
        rows = np.arange(start, min(start + _ROWS_TOGETHER, count))
        request = InferenceRequest(take_samples(inputs, rows))
        whole = await (service.explain(request, caller) if explain else service.predict(request, caller))
        for index, row in enumerate(rows):
            source = f"{name}:{row + 1}" if table else name
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


def _is_table(path: Path) -> bool:
    return path.suffix.casefold() in TABLES


def _is_picture(path: Path) -> bool:
    with path.open("rb") as file:
        return sniff(file.read(256)) is not None


def _read_inputs(path: Path, task: Task, *, table: bool) -> dict[str, Array]:
    """Arrays by name; axis 0 counts the rows of a table, and is 1 for a picture."""
    pictures = any(spec.content == "image" for spec in task.signature.inputs)
    if pictures == table:
        raise InvalidInput(
            f"a {'picture' if pictures else 'table (CSV or Parquet)'} for {task.name}",
            found="a table" if table else "another file",
            remedy="Choose another file, or another package.",
        )
    if table:
        columns = read_columns(path)
        return {spec.name: scalar_column(columns, spec) for spec in task.signature.inputs}
    (spec,) = task.signature.inputs
    picture = read_any_picture(path.read_bytes(), window=spec.window, channels=spec.shape[3])
    return {spec.name: picture.pixels[np.newaxis]}
