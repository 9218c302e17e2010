"""Answers as a table, JSON, CSV, pictures or solutions."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from salus.cli.answer_reasons import show_course, show_plan, show_reasons, write_overlay
from salus.cli.answer_tables import list_cells, list_columns, list_figures, list_headers
from salus.cli.output import show_json, show_table, write
from salus.contracts.errors import InvalidInput
from salus.contracts.services import Explanation
from salus.contracts.survival import TimeToEvent
from salus.contracts.tasks import Task
from salus.contracts.treatment import Choice
from salus.gateway.answer_views import PredictionView, view_explanation, view_prediction
from salus.workflows.answer_files import Answer, AnsweredFiles


def show_answers(answered: AnsweredFiles, *, json: bool) -> None:
    """A line a sample: the answer with its interval, or why there is none."""
    views = _views(answered)
    if json:
        show_json(_as_json(answered, views))
        return
    rows = [_row(answered.task, answer, view) for answer, view in zip(answered.answers, views, strict=True)]
    show_table(["SAMPLE", *list_headers(answered.task.question), "NOT ANSWERED"], rows)
    reasons = [sample.abstention for view in views for sample in view.samples if sample.abstention]
    for reason in dict.fromkeys(reasons):
        write(f"{reason.reason}: {reason.message.en}")
    for answer, view in zip(answered.answers, views, strict=True):
        for note in answer.notes:
            write(f"{answer.source}: {note.en}")
        if (plan := view.samples[0].plan) is not None:
            write("")
            write(answer.source)
            show_plan(plan)
    _say_rules(views)
    _say_what_answered(answered.task, views)


def require_answers_file(path: Path) -> None:
    """Refuse what answers cannot be written to, before anything is asked.

    Raises:
        InvalidInput: Neither a folder's name nor one ending in .csv or .json.
    """
    if path.suffix not in {".csv", ".json", ""}:
        raise _unfit_ending(path)


def write_answers(answered: AnsweredFiles, path: Path) -> None:
    """Write the answers to a .csv or .json file.

    Of instances the solutions are written, unchanged as the solver gave them: of one to a .json file, of several to a
    folder, each under the name of its instance.

    Raises:
        InvalidInput: The file ends in something else.
    """
    require_answers_file(path)
    if answered.task.kind == "planning" and path.suffix != ".csv":
        _write_solutions(answered, path)
        return
    if not path.suffix:
        raise _unfit_ending(path)
    views = _views(answered)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".json":
        path.write_bytes(msgspec.json.format(msgspec.json.encode(_as_json(answered, views)), indent=2))
        return
    question = answered.task.question
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["sample", *list_columns(question), "abstention"])
        for answer, view in zip(answered.answers, views, strict=True):
            sample = view.samples[0]
            reason = sample.abstention.reason if sample.abstention else ""
            rows.writerow([answer.source, *list_figures(question, sample), reason])


def show_explanations(answered: AnsweredFiles, folder: Path, *, json: bool) -> None:
    """Write a heatmap beside each picture into `folder`, or list what each input of each sample contributed."""
    views = _views(answered)
    overlays = {
        answer.source: write_overlay(answer.source, answer.pixels, answer.attribution.heatmap, folder)
        for answer in answered.answers
        if answer.attribution is not None and answer.attribution.heatmap is not None and answer.pixels is not None
    }
    if json:
        entries = _as_json(answered, views)
        show_json([{**entry, "overlay": str(overlays.get(entry["source"], "")) or None} for entry in entries])
        return
    for answer, view in zip(answered.answers, views, strict=True):
        sample = view.samples[0]
        said = f": {sample.abstention.message.en}" if sample.abstention else ""
        write("  ".join(str(cell) for cell in _row(answered.task, answer, view) if cell) + said)
        if sample.course is not None:
            show_course(sample.course)
        if answer.source in overlays:
            write(f"  {overlays[answer.source]}")
        elif sample.explanation is not None:
            show_reasons(sample.explanation)
    _say_rules(views)
    _say_what_answered(answered.task, views)


def _views(answered: AnsweredFiles) -> list[PredictionView]:
    views = []
    for answer in answered.answers:
        facts = (answered.task, answered.calibration, answered.report)
        if answered.explained:
            whole = Explanation(answer.prediction, answer.method, (answer.attribution,))
            views.append(view_explanation(whole, *facts, warnings=(answer.notes,)))
        else:
            views.append(view_prediction(answer.prediction, *facts, warnings=(answer.notes,)))
    return views


def _as_json(answered: AnsweredFiles, views: Sequence[PredictionView]) -> list[dict[str, Any]]:
    return [
        {"source": answer.source, **msgspec.to_builtins(view)}
        for answer, view in zip(answered.answers, views, strict=True)
    ]


def _row(task: Task, answer: Answer, view: PredictionView) -> list[object]:
    sample = view.samples[0]
    reason = sample.abstention.reason if sample.abstention else ""
    return [answer.source, *list_cells(task.question, sample), reason]


def _write_solutions(answered: AnsweredFiles, path: Path) -> None:
    views = _views(answered)
    if path.suffix == ".json" and len(views) != 1:
        raise InvalidInput("a folder for several solutions", found=path.name, remedy="Give --out a folder's name.")
    for answer, view in zip(answered.answers, views, strict=True):
        plan = view.samples[0].plan
        if plan is None:
            continue
        target = path if path.suffix else path / f"{PurePosixPath(answer.source).with_suffix('')}.solution.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(plan.solution, encoding="utf-8")


def _unfit_ending(path: Path) -> InvalidInput:
    return InvalidInput("a file ending in .csv or .json", found=path.name, remedy="Give --out another ending.")


def _say_rules(views: Sequence[PredictionView]) -> None:
    """Each rule that fired, once, with its source."""
    fired = [
        (option.title.en, rule.reason.en, rule.source)
        for view in views
        for sample in view.samples
        if sample.choice is not None
        for option in sample.choice.options
        for rule in option.contraindications
    ]
    for option, reason, source in dict.fromkeys(fired):
        write(f"{option} is ruled out: {reason} ({source})")


def _say_what_answered(task: Task, views: Sequence[PredictionView]) -> None:
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
    if isinstance(task.question, TimeToEvent):
        write("Nothing is told past the last observed time of the training data (—).")
    if isinstance(task.question, Choice):
        better = f"A {task.question.better} outcome is better; effects are against {task.question.options[0].title.en}."
        caveat = " Learned from observational data: who was given what was not assigned at random."
        write(better + (caveat if task.question.observational else ""))
    demonstration = " Demonstration: trained on generated data." if provenance.demonstration else ""
    write(
        f"{provenance.package} version {provenance.version} ({provenance.variant}), digest {provenance.digest[:12]}; "
        f"preliminary, not reviewed by a person.{demonstration}"
    )
