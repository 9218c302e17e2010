"""Pictures of observed against predicted numbers, in the style of `evaluation.pictures`; words are in English."""

from __future__ import annotations

from typing import Any

import numpy as np

from salus.contracts.reports import Curve, EvaluationReport
from salus.evaluation.pictures import draw_png

_BLUE, _GREY = "#0072B2", "#767676"


def draw_binned(report: EvaluationReport, name: str, *, title: str, x_label: str, y_label: str) -> bytes:
    """Mean observed against mean predicted value in bins, with intervals and the line on which both agree.

    Args:
        report: Holds the curves `name`, `name_low` and `name_high`.
        name: Of the curves.
        title: The part and the number of samples are added.
        x_label: What was predicted.
        y_label: What was observed.
    """

    def paint(axes: Any) -> None:
        curve, low, high = (_find(report, f"{name}{end}") for end in ("", "_low", "_high"))
        ends = [min((*curve.x, *low.y)), max((*curve.x, *high.y))]
        axes.plot(ends, ends, color=_GREY, linewidth=1, linestyle=(0, (4, 3)))
        axes.text(0.03, 0.93, "dashed: perfect calibration", color=_GREY, transform=axes.transAxes)
        errors = [np.subtract(curve.y, low.y), np.subtract(high.y, curve.y)]
        axes.errorbar(curve.x, curve.y, yerr=errors, color=_BLUE, marker="o", markersize=5, capsize=3)
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)

    return draw_png(f"{title}, {report.part} ({report.samples} samples)", paint)


def has_curve(report: EvaluationReport, name: str) -> bool:
    """Whether the report holds the binned curve `name` with at least one bin."""
    return bool(_find(report, name).x) and bool(_find(report, f"{name}_low").x)


def _find(report: EvaluationReport, name: str) -> Curve:
    return next((curve for curve in report.curves if curve.name == name), Curve(name=name, x=(), y=()))
