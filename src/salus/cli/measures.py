"""Reports, forms and answers as tables."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from salus.cli.output import show_table, write
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
        low, high = variant.auroc_loss_interval
        rows.append(
            [
                variant.name + (" (default)" if variant.name == manifest.default_variant else ""),
                variant.precision,
                f"{variant.size / 1e6:.2f} MB",
                f"{variant.auroc_loss:+.4f} ({low:+.4f} to {high:+.4f})",
                f"{variant.max_abs_difference:.4f}",
                " / ".join(f"{value:.2f}" for value in measured.get("latency_ms", {}).values()),
                " / ".join(f"{value:.2f}" for value in measured.get("speed_up", {}).values()),
            ]
        )
    show_table(["FORM", "PRECISION", "SIZE", "AUROC LOST", "LARGEST |Δp|", "MS AT 1 / 8", "SPEED-UP"], rows)
    for name, reason in record.get("skipped_forms", {}).items():
        write(f"{name} was not made: {reason}")


def write_answers(result: ForeignEvaluation, path: Path) -> None:
    """One line a sample: its name, its label, the decision, the probability of each class; empty where unanswered."""
    classes = result.report.classes
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["sample", "label", "decision", *(f"p_{name}" for name in classes)])
        for index, sample in enumerate(result.split.sample_ids):
            figures = result.outputs["probabilities"][index].astype(float).tolist()
            answered = all(map(math.isfinite, figures))
            decision = classes[int(result.outputs["decision"][index])] if answered else ""
            shown = [f"{value:.6f}" if answered else "" for value in figures]
            rows.writerow([sample, classes[int(result.split.labels[index])], decision, *shown])


def _value(measure: Measure) -> str:
    return "not defined" if measure.value is None else f"{measure.value:.4f}"


def _interval(measure: Measure) -> str:
    return "" if measure.interval is None else f"{measure.interval.low:.4f} to {measure.interval.high:.4f}"
