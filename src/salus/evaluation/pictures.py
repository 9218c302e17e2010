"""Pictures of a report as PNG: the same report gives the same bytes.

Lines carry their names beside them instead of a legend; bands are 95 % bootstrap bands; colours are from the palette of
Okabe and Ito (2008), which people with colour-blindness tell apart. Words are in English.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from salus.contracts.packages import Variant
from salus.contracts.reports import Curve, EvaluationReport

_BLUE, _ORANGE, _GREY, _INK = "#0072B2", "#D55E00", "#767676", "#222222"
_WIDTH_INCHES, _HEIGHT_INCHES, _DOTS_PER_INCH = 6.4, 4.8, 100


def draw_pictures(report: EvaluationReport) -> dict[str, bytes]:
    """Every picture that `report` has the data for, by name: `roc`, `pr`, `reliability`, `confusion`, `risk_coverage`.

    Returns:
        PNG files of 640 x 480 pixels.
    """
    drawings = {
        "roc": draw_roc,
        "pr": draw_precision_recall,
        "reliability": draw_reliability,
        "risk_coverage": draw_risk_coverage,
    }
    names = {curve.name for curve in report.curves}
    pictures = {name: draw(report) for name, draw in drawings.items() if name in names}
    return {**pictures, "confusion": draw_confusion(report)} if report.confusion else pictures


def draw_roc(report: EvaluationReport) -> bytes:
    """The ROC curve with its band, its area and the operating point."""

    def paint(axes: Any) -> None:
        axes.plot([0, 1], [0, 1], color=_GREY, linewidth=1, linestyle=(0, (4, 3)))
        axes.text(0.60, 0.54, "chance", color=_GREY, rotation=_DIAGONAL, rotation_mode="anchor")
        _line_with_band(axes, report, "roc", steps=False)
        axes.text(0.97, 0.06, _in_words(report, "auroc", "AUROC"), color=_BLUE, ha="right")
        sensitivity, specificity = report.measure("sensitivity"), report.measure("specificity")
        if sensitivity and specificity and sensitivity.value is not None and specificity.value is not None:
            x, y = 1 - specificity.value, sensitivity.value
            axes.plot([x], [y], "o", color=_ORANGE, markersize=8, clip_on=False, zorder=5)
            words = f"threshold {report.threshold:.3g}" if report.threshold is not None else "most probable class"
            axes.annotate(words, (x, y), xytext=(12, -16), textcoords="offset points", color=_ORANGE)
        _unit_square(axes, "1 - specificity", "sensitivity")

    return draw_png(f"ROC curve, {report.part} ({report.samples} samples)", paint)


def draw_precision_recall(report: EvaluationReport) -> bytes:
    """The precision-recall curve with its band, its area and the share of the finding."""

    def paint(axes: Any) -> None:
        _line_with_band(axes, report, "pr", steps=True)
        axes.text(0.03, 0.06, _in_words(report, "auprc", "AUPRC"), color=_BLUE)
        if report.confusion:
            share = sum(report.confusion[1]) / report.samples
            axes.axhline(share, color=_GREY, linewidth=1, linestyle=(0, (4, 3)))
            above = share < 0.85
            axes.text(0.97, share + (0.015 if above else -0.05), f"prevalence {share:.2f}", color=_GREY, ha="right")
        _unit_square(axes, "sensitivity (recall)", "positive predictive value (precision)")

    return draw_png(f"Precision and recall, {report.part} ({report.samples} samples)", paint)


def draw_reliability(report: EvaluationReport) -> bytes:
    """Observed share against predicted probability in bins of equally many samples, with intervals."""

    def paint(axes: Any) -> None:
        axes.plot([0, 1], [0, 1], color=_GREY, linewidth=1, linestyle=(0, (4, 3)))
        axes.text(0.03, 0.93, "dashed: perfect calibration", color=_GREY)
        curve = _find(report, "reliability")
        low, high = _find(report, "reliability_low"), _find(report, "reliability_high")
        below, above = np.subtract(curve.y, low.y), np.subtract(high.y, curve.y)
        axes.errorbar(curve.x, curve.y, yerr=[below, above], color=_BLUE, marker="o", markersize=5, capsize=3)
        axes.text(0.97, 0.06, _in_words(report, "ece", "ECE"), color=_BLUE, ha="right")
        of = "of the finding" if len(report.classes) == 2 else "of the most probable class"
        _unit_square(axes, f"predicted probability {of}", "observed share")

    return draw_png(f"Reliability, {report.part} ({report.samples} samples)", paint)


def draw_risk_coverage(report: EvaluationReport) -> bytes:
    """The share of wrong decisions against the share of samples that are answered."""

    def paint(axes: Any) -> None:
        _line_with_band(axes, report, "risk_coverage", steps=False)
        axes.set_xlim(0, 1)
        top = max((*_find(report, "risk_coverage").y, *_find(report, "risk_coverage_high").y), default=0.0)
        axes.set_ylim(0, max(0.01, 1.15 * top))
        axes.set_xlabel("share of samples answered, most confident first")
        axes.set_ylabel("share of wrong decisions among them")
        axes.text(0.03, 0.93, _in_words(report, "augrc", "AUGRC"), color=_BLUE, transform=axes.transAxes)

    return draw_png(f"Risk and coverage, {report.part} ({report.samples} samples)", paint)


def draw_confusion(report: EvaluationReport) -> bytes:
    """Counts of decisions by truth; the shade is the share of the row."""

    def paint(axes: Any) -> None:
        counts = np.asarray(report.confusion, dtype=np.float64)
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        size = 15 if len(counts) <= 4 else 8
        for row, column in np.ndindex(*counts.shape):
            dark = shares[row, column] > 0.55
            words = f"{int(counts[row, column])}\n{100 * shares[row, column]:.1f} %"
            axes.text(column, row, words, ha="center", va="center", fontsize=size, color="white" if dark else _INK)
        names = [_plain(name) for name in report.classes]
        axes.set_xticks(range(len(names)), names)
        axes.set_yticks(range(len(names)), names)
        axes.tick_params(length=0)
        axes.set_xlabel("decision")
        axes.set_ylabel("truth")
        for side in axes.spines.values():
            side.set_visible(False)

    return draw_png(f"Decisions, {report.part} ({report.samples} samples)", paint)


def draw_variants(variants: Sequence[Variant]) -> bytes:
    """Size against the loss of AUROC with its interval, a point for each variant."""

    def paint(axes: Any) -> None:
        for variant in variants:
            colour = _BLUE if variant.within_tolerance else _ORANGE
            low, high = variant.loss_interval
            errors = [[max(0.0, variant.loss - low)], [max(0.0, high - variant.loss)]]
            x = variant.size / 1e6
            axes.errorbar([x], [variant.loss], yerr=errors, fmt="o", color=colour, capsize=3)
            words = variant.name if variant.within_tolerance else f"{variant.name} (outside tolerance)"
            axes.annotate(words, (x, variant.loss), xytext=(8, 6), textcoords="offset points", color=colour)
        axes.axhline(0, color=_GREY, linewidth=1, linestyle=(0, (4, 3)))
        axes.margins(x=0.25, y=0.2)
        axes.set_xlabel("size of the model file (MB)")
        axes.set_ylabel("AUROC lost against float32")

    return draw_png("Variants of the model", paint)


_DIAGONAL = 36
"""Degrees of the line y = x on this canvas, about."""


def draw_png(title: str, paint: Callable[[Any], None]) -> bytes:
    """A PNG of 640 x 480 pixels in the house's style: `paint` is given matplotlib's axes under `title`."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    settings: dict[Any, Any] = {
        "font.family": "DejaVu Sans",
        "font.size": 11,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": _GREY,
        "axes.labelcolor": _INK,
        "xtick.color": _INK,
        "ytick.color": _INK,
        "text.color": _INK,
    }
    with mpl.rc_context({**mpl.rcParamsDefault, **settings, "backend": "agg"}):
        figure = Figure(figsize=(_WIDTH_INCHES, _HEIGHT_INCHES), dpi=_DOTS_PER_INCH, layout="constrained")
        axes = figure.add_subplot()
        axes.set_title(_plain(title), loc="left", fontsize=13)
        paint(axes)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", metadata={"Software": None}, pil_kwargs={"compress_level": 9})
    return buffer.getvalue()


def _line_with_band(axes: Any, report: EvaluationReport, name: str, *, steps: bool) -> None:
    low, high = _find(report, f"{name}_low"), _find(report, f"{name}_high")
    grid = np.linspace(0.0, 1.0, 101)
    if low.x and high.x:
        axes.fill_between(
            grid, np.interp(grid, low.x, low.y), np.interp(grid, high.x, high.y), color=_BLUE, alpha=0.2, linewidth=0
        )
    curve = _find(report, name)
    axes.plot(curve.x, curve.y, color=_BLUE, linewidth=2, drawstyle="steps-pre" if steps else "default")


def _unit_square(axes: Any, x_label: str, y_label: str) -> None:
    axes.set_xlim(0, 1.005)
    axes.set_ylim(0, 1.005)
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)


def _find(report: EvaluationReport, name: str) -> Curve:
    return next((curve for curve in report.curves if curve.name == name), Curve(name=name, x=(), y=()))


def _in_words(report: EvaluationReport, name: str, title: str) -> str:
    found = report.measure(name)
    if found is None or found.value is None:
        return f"{title} not defined"
    if found.interval is None:
        return f"{title} {found.value:.3f}"
    return f"{title} {found.value:.3f} ({found.interval.low:.3f} to {found.interval.high:.3f})"


def _plain(words: str) -> str:
    """Without the sign that starts a formula, and with characters that the font lacks written as numbers."""
    ascii_words = words.encode("ascii", "backslashreplace").decode("ascii")
    return ascii_words.replace("$", r"\$")
