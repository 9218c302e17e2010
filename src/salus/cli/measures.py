"""Reports, forms and answers as tables."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from salus.cli.output import show_table, write
from salus.contracts.datasets import Split
from salus.contracts.errors import UnsupportedInput
from salus.contracts.packages import Manifest
from salus.contracts.reports import EvaluationReport, Measure
from salus.workflows.evaluate_package import ForeignEvaluation


def show_report(report: EvaluationReport) -> None:
    """Every measure with its interval, those of all samples first."""
    threshold = f", threshold {report.threshold:.3f}" if report.threshold is not None else ""
    write(f"{report.part}: {report.samples} samples{threshold}")
    show_table(
        ["MEASURE", "VALUE", "95 % INTERVAL", "SUBGROUP", "SAMPLES"],
        [[m.name, _value(m), _interval(m), m.subgroup or "", m.samples] for m in report.measures],
    )


def show_forms(manifest: Manifest, record: Mapping[str, Any]) -> None:
    """The forms of a model with size, difference and speed; the default one is marked."""
    times = {form["name"]: form for form in record.get("forms", [])}
    rows = []
    for variant in manifest.variants:
        measured = times.get(variant.name, {})
        low, high = variant.loss_interval
        rows.append(
            [
                variant.name + (" (default)" if variant.name == manifest.default_variant else ""),
                variant.precision,
                f"{variant.size / 1e6:.2f} MB",
                f"{variant.loss:+.4f} ({low:+.4f} to {high:+.4f})",
                f"{variant.max_abs_difference:.4f}",
                " / ".join(f"{value:.2f}" for value in measured.get("latency_ms", {}).values()),
                " / ".join(f"{value:.2f}" for value in measured.get("speed_up", {}).values()),
            ]
        )
    measure = manifest.variants[0].measure.upper() if manifest.variants else "MEASURE"
    show_table(["FORM", "PRECISION", "SIZE", f"{measure} LOST", "LARGEST |Δ|", "MS AT 1 / 8", "SPEED-UP"], rows)
    for name, reason in record.get("skipped_forms", {}).items():
        write(f"{name} was not made: {reason}")


def write_answers(result: ForeignEvaluation, path: Path) -> None:
    """One line a sample: its name, the truth, the answer; empty where unanswered.

    Of a classification the decision and the probability of each class; of other questions every number of every
    output, numbered from 0 where it has several, intervals with `_low` and `_high`.

    Raises:
        UnsupportedInput: Plans were evaluated, which are no rows.
    """
    if result.split is None:
        raise UnsupportedInput(
            "answers that are rows of a table", found="plans", remedy="Write them with: salus predict … --out FOLDER"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = _class_rows if result.report.classes else _number_rows
        csv.writer(file).writerows(rows(result, result.split))


def _class_rows(result: ForeignEvaluation, split: Split) -> Iterator[list[str]]:
    classes = result.report.classes
    yield ["sample", "label", "decision", *(f"p_{name}" for name in classes)]
    for index, sample in enumerate(split.sample_ids):
        figures = result.outputs["probabilities"][index].astype(float).tolist()
        answered = all(map(math.isfinite, figures))
        decision = classes[int(result.outputs["decision"][index])] if answered else ""
        shown = [f"{value:.6f}" if answered else "" for value in figures]
        yield [str(sample), classes[int(split.labels[index])], decision, *shown]


def _number_rows(result: ForeignEvaluation, split: Split) -> Iterator[list[str]]:
    outputs = {name: np.asarray(array, dtype=np.float64) for name, array in result.outputs.items()}
    yield [
        "sample",
        "label",
        *split.targets,
        *(column for name, array in outputs.items() for column in _names(name, array)),
    ]
    for index, sample in enumerate(split.sample_ids):
        truth = [float(column[index]) for column in split.targets.values()]
        figures = [value for array in outputs.values() for value in array[index].reshape(-1).tolist()]
        shown = ["" if math.isnan(value) else f"{value:.6g}" for value in (*truth, *figures)]
        yield [str(sample), str(split.labels[index]), *shown]


def _names(name: str, array: NDArray[np.float64]) -> list[str]:
    if array.ndim == 1:
        return [name]
    if array.ndim == 2 and not name.endswith("_interval"):
        return [f"{name}_{place}" for place in range(array.shape[1])]
    ends = ("low", "high")
    if array.ndim == 2:
        return [f"{name}_{end}" for end in ends]
    return [f"{name}_{place}_{end}" for place in range(array.shape[1]) for end in ends]


def _value(measure: Measure) -> str:
    return "not defined" if measure.value is None else f"{measure.value:.4f}"


def _interval(measure: Measure) -> str:
    return "" if measure.interval is None else f"{measure.interval.low:.4f} to {measure.interval.high:.4f}"
