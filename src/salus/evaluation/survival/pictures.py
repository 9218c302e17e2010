"""Pictures of a survival report as PNG, in the style of `evaluation.pictures`; words are in English."""

from __future__ import annotations

from typing import Any

import numpy as np

from salus.contracts.reports import Curve, EvaluationReport
from salus.evaluation.pictures import draw_png

_BLUE, _ORANGE, _GREY = "#0072B2", "#D55E00", "#767676"
_DASHES = (0, (4, 3))


def draw_pictures(report: EvaluationReport) -> dict[str, bytes]:
    """Every picture that `report` has the data for, by name: `survival`, `calibration_<h>`, `brier`.

    Returns:
        PNG files of 640 x 480 pixels.
    """
    names = {curve.name for curve in report.curves}
    pictures = {"survival": draw_survival(report)} if "mean_survival" in names else {}
    for name in sorted(name for name in names if name.startswith("calibration_") and f"{name}_low" in names):
        pictures[name] = draw_calibration(report, name)
    return {**pictures, "brier": draw_brier(report)} if "brier" in names else pictures


def draw_survival(report: EvaluationReport) -> bytes:
    """The mean predicted curve against that of Kaplan and Meier with its band."""

    def paint(axes: Any) -> None:
        _band(axes, report, "kaplan_meier", _GREY)
        observed, predicted = _find(report, "kaplan_meier"), _find(report, "mean_survival")
        axes.plot(observed.x, observed.y, color=_GREY, linewidth=2, drawstyle="steps-post")
        axes.plot(predicted.x, predicted.y, color=_BLUE, linewidth=2, marker="o", markersize=3)
        axes.text(0.03, 0.12, "observed (Kaplan-Meier)", color=_GREY, transform=axes.transAxes)
        axes.text(0.03, 0.05, "mean predicted curve", color=_BLUE, transform=axes.transAxes)
        axes.text(0.97, 0.93, _in_words(report, "c_index", "C"), color=_BLUE, ha="right", transform=axes.transAxes)
        axes.set_ylim(0, 1.02)
        axes.set_xlim(0, max(predicted.x))
        axes.set_xlabel("time")
        axes.set_ylabel("share without the event")

    return draw_png(f"Survival, {report.part} ({report.samples} samples)", paint)


def draw_calibration(report: EvaluationReport, name: str) -> bytes:
    """Observed risk against predicted risk at one horizon, in bins of equally many subjects."""
    horizon = name.removeprefix("calibration_")

    def paint(axes: Any) -> None:
        curve, low, high = (_find(report, f"{name}{edge}") for edge in ("", "_low", "_high"))
        axes.plot([0, 1], [0, 1], color=_GREY, linewidth=1, linestyle=_DASHES)
        axes.text(0.03, 0.93, "dashed: perfect calibration", color=_GREY)
        errors = [np.subtract(curve.y, low.y), np.subtract(high.y, curve.y)]
        axes.errorbar(curve.x, curve.y, yerr=errors, color=_BLUE, marker="o", markersize=5, capsize=3)
        axes.text(0.97, 0.06, _in_words(report, name, "mean difference"), color=_BLUE, ha="right")
        axes.set_xlim(0, 1.005)
        axes.set_ylim(0, 1.005)
        axes.set_xlabel(f"predicted risk up to {horizon}")
        axes.set_ylabel("observed risk (Kaplan-Meier)")

    return draw_png(f"Calibration at {horizon}, {report.part} ({report.samples} samples)", paint)


def draw_brier(report: EvaluationReport) -> bytes:
    """The Brier score over time with its band, against the curve that knows nothing of the subject."""

    def paint(axes: Any) -> None:
        _band(axes, report, "brier", _BLUE)
        model, reference = _find(report, "brier"), _find(report, "brier_reference")
        axes.plot(reference.x, reference.y, color=_GREY, linewidth=1, linestyle=_DASHES)
        axes.plot(model.x, model.y, color=_BLUE, linewidth=2)
        axes.text(0.03, 0.93, _in_words(report, "ibs", "integrated"), color=_BLUE, transform=axes.transAxes)
        axes.text(0.03, 0.86, "dashed: Kaplan-Meier for all alike", color=_GREY, transform=axes.transAxes)
        axes.set_xlim(0, max(model.x))
        axes.set_ylim(0, max(0.3, 1.15 * max((*model.y, *reference.y))))
        axes.set_xlabel("time")
        axes.set_ylabel("Brier score")

    return draw_png(f"Brier score, {report.part} ({report.samples} samples)", paint)


def _band(axes: Any, report: EvaluationReport, name: str, colour: str) -> None:
    low, high = _find(report, f"{name}_low"), _find(report, f"{name}_high")
    axes.fill_between(low.x, low.y, high.y, color=colour, alpha=0.2, linewidth=0)


def _find(report: EvaluationReport, name: str) -> Curve:
    return next((curve for curve in report.curves if curve.name == name), Curve(name=name, x=(), y=()))


def _in_words(report: EvaluationReport, name: str, title: str) -> str:
    found = report.measure(name)
    if found is None or found.value is None or found.interval is None:
        return f"{title} not defined"
    return f"{title} {found.value:.3f} ({found.interval.low:.3f} to {found.interval.high:.3f})"
