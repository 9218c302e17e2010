"""Answers as a table, JSON, CSV or pictures."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from salus.cli.output import show_json, show_table, write
from salus.contracts.batches import Array
from salus.contracts.errors import InvalidInput
from salus.contracts.explanations import Attribution
from salus.contracts.services import Explanation
from salus.contracts.tasks import Task
from salus.explanation.overlay import draw_overlay
from salus.gateway.answer_views import PredictionView, view_explanation, view_prediction
from salus.standards.images import write_png
from salus.workflows.answer_files import Answer, AnsweredFiles

LEAST_OVERLAY_PIXELS = 256
"""Smaller pictures are enlarged in whole steps up to this height and width, so that a heatmap can be seen."""
MOST_CONTRIBUTIONS = 12
"""Contributions that are listed one by one; the rest stands in one line."""


def show_answers(answered: AnsweredFiles, *, json: bool) -> None:
    """A line a sample: what is called, with which probability and interval, or why nothing is."""
    views = _views(answered)
    if json:
        show_json(_as_json(answered, views))
        return
    rows = [_row(answer, view) for answer, view in zip(answered.answers, views, strict=True)]
    show_table(["SAMPLE", "CALLED", "PROBABILITY", "95 % INTERVAL", "NOT ANSWERED"], rows)
    reasons = [sample.abstention for view in views for sample in view.samples if sample.abstention]
    for reason in dict.fromkeys(reasons):
        write(f"{reason.reason}: {reason.message.en}")
    _say_what_answered(views)


def require_answers_file(path: Path) -> None:
    """Refuse a file that answers cannot be written to, before anything is asked.

    Raises:
        InvalidInput: The file does not end in .csv or .json.
    """
    if path.suffix not in {".csv", ".json"}:
        raise InvalidInput("a file ending in .csv or .json", found=path.name, remedy="Give --out another ending.")


def write_answers(answered: AnsweredFiles, path: Path) -> None:
    """Write the answers to a .csv or .json file.

    Raises:
        InvalidInput: The file ends in something else.
    """
    require_answers_file(path)
    views = _views(answered)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".json":
        path.write_bytes(msgspec.json.format(msgspec.json.encode(_as_json(answered, views)), indent=2))
        return
    classes = [label.name for label in answered.task.classes]
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["sample", "called", *(f"p_{name}" for name in classes), "abstention"])
        for answer, view in zip(answered.answers, views, strict=True):
            sample = view.samples[0]
            figures = [f"{each.probability:.6f}" for each in sample.probabilities or ()] or [""] * len(classes)
            called = sample.decision.class_ if sample.decision else ""
            rows.writerow([answer.source, called, *figures, sample.abstention.reason if sample.abstention else ""])


def show_explanations(answered: AnsweredFiles, folder: Path, *, json: bool) -> None:
    """Write a heatmap beside each picture into `folder`, or list the contributions of each row."""
    views = _views(answered)
    overlays = {
        answer.source: _write_overlay(answer.source, answer.pixels, answer.attribution.heatmap, folder)
        for answer in answered.answers
        if answer.attribution is not None and answer.attribution.heatmap is not None and answer.pixels is not None
    }
    if json:
        entries = _as_json(answered, views)
        show_json([{**entry, "overlay": str(overlays.get(entry["source"], "")) or None} for entry in entries])
        return
    for answer, view in zip(answered.answers, views, strict=True):
        withheld = view.samples[0].abstention
        write(
            "  ".join(str(cell) for cell in _row(answer, view) if cell)
            + (f": {withheld.message.en}" if withheld else "")
        )
        if answer.source in overlays:
            write(f"  {overlays[answer.source]}")
        elif answer.attribution is not None:
            _show_contributions(answered.task, answer.attribution)
    _say_what_answered(views)


def _show_contributions(task: Task, attribution: Attribution) -> None:
    rows: list[list[object]] = []
    for part in attribution.contributions[:MOST_CONTRIBUTIONS]:
        known = task.signature.input(part.name)
        rows.append([known.title.en if known else part.name, part.value, known.unit if known else "", part.amount])
    rest = attribution.contributions[MOST_CONTRIBUTIONS:]
    if rest:
        rows.append([f"{len(rest)} others", "", "", sum(part.amount for part in rest)])
    show_table(["MEASUREMENT", "VALUE", "UNIT", "ADDED TO THE LOG-ODDS"], rows)
    if attribution.base is not None and attribution.output is not None:
        write(f"base {attribution.base:.3f}, all together {attribution.output:.3f}")


def _write_overlay(source: str, pixels: Array, heatmap: NDArray[np.float32], folder: Path) -> Path:
    """The picture and, right of it, the picture under its heatmap, as `<folder>/<source>.explained.png`."""
    scale = max(1, LEAST_OVERLAY_PIXELS // min(pixels.shape[:2]))
    plain = np.asarray(pixels, dtype=np.uint8).repeat(scale, axis=0).repeat(scale, axis=1)
    target = folder / f"{source}.explained.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    grey = plain if plain.shape[2] == 3 else np.repeat(plain, 3, axis=2)
    target.write_bytes(write_png(np.concatenate([grey, draw_overlay(plain, heatmap)], axis=1)))
    return target


def _views(answered: AnsweredFiles) -> list[PredictionView]:
    views = []
    for answer in answered.answers:
        if answered.explained:
            whole = Explanation(answer.prediction, answer.method, (answer.attribution,))
            views.append(view_explanation(whole, answered.task, answered.calibration, answered.report))
        else:
            views.append(view_prediction(answer.prediction, answered.task, answered.calibration, answered.report))
    return views


def _as_json(answered: AnsweredFiles, views: Sequence[PredictionView]) -> list[dict[str, Any]]:
    return [
        {"source": answer.source, **msgspec.to_builtins(view)}
        for answer, view in zip(answered.answers, views, strict=True)
    ]


def _row(answer: Answer, view: PredictionView) -> list[object]:
    sample = view.samples[0]
    if sample.probabilities is None or sample.decision is None:
        return [answer.source, "", "", "", sample.abstention.reason if sample.abstention else ""]
    called = next(each for each in sample.probabilities if each.class_ == sample.decision.class_)
    low, high = called.interval
    return [answer.source, sample.decision.title.en, f"{called.probability:.3f}", f"{low:.3f} to {high:.3f}", ""]


def _say_what_answered(views: Sequence[PredictionView]) -> None:
    if not views:
        return
    view, provenance = views[0], views[0].provenance
    write("")
    if view.threshold is not None and view.operating_point is not None:
        point = view.operating_point
        write(
            f"Called from probability {view.threshold:.3f} on: sensitivity {point.sensitivity.value:.3f}, "
            f"specificity {point.specificity.value:.3f} on {point.part} data."
        )
    demonstration = " Demonstration: trained on generated data." if provenance.demonstration else ""
    write(
        f"{provenance.package} version {provenance.version} ({provenance.variant}), digest {provenance.digest[:12]}; "
        f"preliminary, not reviewed by a person.{demonstration}"
    )
