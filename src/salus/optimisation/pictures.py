"""Variants side by side: a table for the build record and documentation, and a picture of speed against loss.

The picture shows measured times, so it belongs to the build record; `evaluation.pictures.draw_variants` draws the one
that a package holds.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from salus.contracts.packages import Variant
from salus.optimisation.measuring import MeasuredVariant

_WITHIN, _BEYOND = "#0072B2", "#D55E00"


def write_table(facts: Sequence[Variant], measured: Sequence[MeasuredVariant], *, default: str) -> str:
    """A Markdown table, one row per variant; the default one is marked with an asterisk.

    Args:
        facts: What the manifest says.
        measured: Times, by the same names.
        default: Name of the default variant.
    """
    times = {entry.name: entry for entry in measured}
    sizes = list(measured[0].latency_ms) if measured else []
    head = ["variant", "precision", "size (MB)"]
    head += [f"{text} at batch {size}" for size in sizes for text in ("ms", "speed-up")]
    head += ["largest difference of p", "AUROC lost (95 %)", "within tolerance"]
    rows = [head, ["---"] * len(head)]
    for fact in facts:
        row = [fact.name + (" *" if fact.name == default else ""), fact.precision, f"{fact.size / 1e6:.2f}"]
        for size in sizes:
            entry = times[fact.name]
            row += [f"{entry.latency_ms[size]:.3g}", f"{entry.speed_up[size]:.2f}"]
        low, high = fact.loss_interval
        row += [f"{fact.max_abs_difference:.2g}", f"{fact.loss:.4f} ({low:.4f} to {high:.4f})"]
        rows.append([*row, "yes" if fact.within_tolerance else "no"])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def draw_latencies(
    facts: Sequence[Variant], measured: Sequence[MeasuredVariant], *, batch: int = 1, tolerance: float | None = None
) -> bytes:
    """PNG: time of a call in milliseconds against AUROC lost with its interval, a point for each variant.

    Args:
        facts: What the manifest says.
        measured: Times, by the same names.
        batch: Samples in a call; among the measured ones.
        tolerance: Largest loss allowed, drawn as a line; None draws none.

    Raises:
        KeyError: That batch size was not measured.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    times = {entry.name: entry.latency_ms[str(batch)] for entry in measured}
    with mpl.rc_context({**mpl.rcParamsDefault, "backend": "agg", "font.family": "DejaVu Sans"}):
        figure = Figure(figsize=(7.0, 4.5), dpi=120, layout="constrained")
        axes: Any = figure.add_subplot()
        for fact in facts:
            _draw_point(axes, fact, times[fact.name])
        if tolerance is not None:
            axes.axhline(tolerance, color=_BEYOND, linewidth=1, linestyle="--")
            place = (1.0, tolerance)
            words = f"tolerance {tolerance:g}"
            axes.annotate(
                words,
                place,
                xycoords=("axes fraction", "data"),
                xytext=(0, 4),
                textcoords="offset points",
                ha="right",
                color=_BEYOND,
            )
        axes.axhline(0.0, color="#888888", linewidth=1)
        slowest = max(times[fact.name] for fact in facts)
        axes.set_xlim(0.0, 1.3 * slowest)
        axes.margins(y=0.2)
        axes.set_xlabel(f"time of a call with {batch} sample{'s' if batch > 1 else ''} (ms)")
        axes.set_ylabel("AUROC lost against float32")
        axes.set_title("Speed and loss of each variant", loc="left")
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _draw_point(axes: Any, fact: Variant, latency_ms: float) -> None:
    low, high = fact.loss_interval
    colour = _WITHIN if fact.within_tolerance else _BEYOND
    errors = [[max(0.0, fact.loss - low)], [max(0.0, high - fact.loss)]]
    axes.errorbar([latency_ms], [fact.loss], yerr=errors, fmt="o", color=colour, capsize=3)
    place = (latency_ms, fact.loss)
    words = fact.name if fact.within_tolerance else f"{fact.name} (outside tolerance)"
    axes.annotate(words, place, xytext=(8, -14), textcoords="offset points", color=colour)
