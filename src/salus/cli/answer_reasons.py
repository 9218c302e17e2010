"""Why a sample is answered as it is: contributions, heat strips and risks over time as tables, heatmaps as pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from salus.cli.output import show_table, write
from salus.contracts.batches import Array
from salus.contracts.planning import Plan
from salus.explanation.overlay import draw_overlay
from salus.gateway.views.classification import CoursePoint
from salus.gateway.views.explanations import ExplanationView, StripView
from salus.standards.images import write_png

LEAST_OVERLAY_PIXELS = 256
"""Smaller pictures are enlarged in whole steps up to this height and width, so that a heatmap can be seen."""
MOST_CONTRIBUTIONS = 12
"""Contributions that are listed one by one; the rest stands in one line."""
MOST_STRIP_ROWS = 8
"""Variables of a heat strip that are listed; the most decisive ones."""


def show_reasons(reasons: ExplanationView) -> None:
    """The contributions of one sample, and its heat strip."""
    rows: list[list[object]] = [
        [part.title.en, part.value, part.unit or "", part.amount] for part in reasons.contributions[:MOST_CONTRIBUTIONS]
    ]
    rest = reasons.contributions[MOST_CONTRIBUTIONS:]
    if rest:
        rows.append([f"{len(rest)} others", "", "", sum(part.amount for part in rest)])
    show_table(["MEASUREMENT", "VALUE", "UNIT", _added_to(reasons)], rows)
    if reasons.base is not None and reasons.output is not None:
        write(f"base {reasons.base:.3f}, all together {reasons.output:.3f} ({reasons.quantity.en})")
    if reasons.strip is not None:
        _show_strip(reasons.strip)


def show_course(course: tuple[CoursePoint, ...]) -> None:
    """The risk over time, in one line."""
    told = [f"{point.time:g}: {point.probability:.3f}" for point in course if point.probability is not None]
    write("  risk by time  " + (", ".join(told) or "not known at any time"))


def show_plan(plan: Plan) -> None:
    """What a plan costs, by soft constraint, and what keeps the cost from falling."""
    show_table(["SOFT CONSTRAINT", "COST"], [[name, f"{cost:g}"] for name, cost in plan.costs.items()])
    for reason in plan.binding:
        write(f"  {reason.en}")
    for change in plan.changes:
        write(f"  {change.subject}: {change.before} -> {change.after}; {change.why.en}")


def write_overlay(source: str, pixels: Array, heatmap: NDArray[np.float32], folder: Path) -> Path:
    """The picture and, right of it, the picture under its heatmap, as `<folder>/<source>.explained.png`."""
    scale = max(1, LEAST_OVERLAY_PIXELS // min(pixels.shape[:2]))
    plain = np.asarray(pixels, dtype=np.uint8).repeat(scale, axis=0).repeat(scale, axis=1)
    target = folder / f"{source}.explained.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    grey = plain if plain.shape[2] == 3 else np.repeat(plain, 3, axis=2)
    target.write_bytes(write_png(np.concatenate([grey, draw_overlay(plain, heatmap)], axis=1)))
    return target


def _added_to(reasons: ExplanationView) -> str:
    return "ADDED TO THE LOG-ODDS" if reasons.quantity.en.startswith("log-odds") else "ADDED"


def _show_strip(strip: StripView) -> None:
    rows: list[list[object]] = []
    for row in strip.rows[:MOST_STRIP_ROWS]:
        known = [(amount, place) for place, amount in enumerate(row.amounts) if amount is not None]
        if not known:
            continue
        strongest, place = max(known, key=lambda each: abs(each[0]))
        when = f"{strip.edges[place]:g} to {strip.edges[place + 1]:g} {strip.unit}"
        rows.append([row.title.en, sum(amount for amount, _ in known), when, strongest])
    show_table(["OBSERVED", "ADDED IN ALL", "MOST OF IT", "ADDED THEN"], rows)
