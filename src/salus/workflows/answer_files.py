"""Answers about files, from a package on this machine: file by file, sample by sample."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from salus.contracts.batches import Array, take_samples
from salus.contracts.explanations import Attribution
from salus.contracts.reports import Calibration, EvaluationReport
from salus.contracts.services import OPTIONAL_OUTPUTS, Caller, Explanation, InferenceRequest, Prediction
from salus.contracts.tasks import Task
from salus.contracts.text import LocalizedText
from salus.serving.packaged_service import PackagedService
from salus.workflows.named_files import naming
from salus.workflows.sample_files import read_samples

_ROWS_TOGETHER = 64


@dataclass(frozen=True)
class Answer:
    """The answer about one sample.

    Attributes:
        source: The file's name below the given folder; of a row of a table `file:row`, from 1; of observations over
            time `file:id`.
        prediction: The answer; its axis 0 has one entry.
        attribution: Why; None where no reasons were asked for or the sample was not answered.
        method: How it was explained; empty where it was not.
        pixels: (height, width, channels) UINT8, the picture in display grey levels as the model was given it; None
            for others.
        notes: What was passed over in reading the sample, in words.
    """

    source: str
    prediction: Prediction
    attribution: Attribution | None = None
    method: str = ""
    pixels: Array | None = None
    notes: tuple[LocalizedText, ...] = ()


@dataclass(frozen=True)
class AnsweredFiles:
    """All answers of one call, with what is needed to read them.

    Attributes:
        task: The question.
        calibration: Holds the threshold; None for others than classifiers.
        report: Of the part by which the threshold was chosen; None where the package has none.
        answers: In the order of the files.
        explained: Whether reasons were asked for.
    """

    task: Task
    calibration: Calibration | None
    report: EvaluationReport | None
    answers: tuple[Answer, ...]
    explained: bool


async def answer_file(
    service: PackagedService, file: Path, name: str, *, explain: bool, given: Mapping[str, Array] | None = None
) -> AsyncIterator[Answer]:
    """Every sample in `file`, in order.

    Args:
        service: Answers.
        file: As `sample_files.list_samples` gives it.
        name: What the file is called in the answers.
        explain: Whether to ask for reasons too.
        given: Inputs beside a document, (1,) each.

    Raises:
        InvalidInput: The file cannot be read as inputs of the task.
    """
    caller = Caller("local", frozenset({"caller"}))
    signature = service.describe().manifest.task.signature
    with naming(name):
        samples = read_samples(file, service.describe().manifest.task, given)
    outputs = tuple(
        spec.name for spec in signature.outputs if spec.name not in OPTIONAL_OUTPUTS or spec.name == "course"
    )
    pictures = any(spec.content == "image" for spec in signature.inputs)
    count = len(samples.notes)
    for start in range(0, count, _ROWS_TOGETHER):
        rows = np.arange(start, min(start + _ROWS_TOGETHER, count))
        request = InferenceRequest(take_samples(samples.inputs, rows), outputs=outputs)
        whole = await (service.explain(request, caller) if explain else service.predict(request, caller))
        for index, row in enumerate(rows):
            source = f"{name}:{samples.names[row]}" if samples.names else name
            pixels = next(iter(samples.inputs.values()))[row] if pictures else None
            yield _one(whole, index, source, pixels, samples.notes[row])


def _one(
    whole: Prediction | Explanation, index: int, source: str, pixels: Array | None, notes: tuple[LocalizedText, ...]
) -> Answer:
    prediction = whole.prediction if isinstance(whole, Explanation) else whole
    single = Prediction(
        request_id=prediction.request_id,
        outputs=take_samples(prediction.outputs, [index]),
        abstentions=(prediction.abstentions[index],),
        provenance=prediction.provenance,
        contraindications=prediction.contraindications[index : index + 1],
    )
    if isinstance(whole, Explanation):
        return Answer(source, single, whole.attributions[index], whole.method, pixels, notes)
    return Answer(source, single, pixels=pixels, notes=notes)
