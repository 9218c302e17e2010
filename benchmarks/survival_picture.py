"""The picture of the docs: one patient's curve after each visit.

Run: `python -m benchmarks.survival_picture --data-dir FOLDER --out docs/packs/survival-visits.png`
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.survival import SEED, Trial, fit
from salus.contracts.packs import DataRequest, TaskKit
from salus.contracts.progress import Silence
from salus.evaluation.pictures import draw_png
from salus_packs.survival.pack import PACK
from salus_packs.survival.progression import VisitCurve, curves_after_each_visit

_FEWEST_VISITS, _DRAWN_A = 6, 6.0
_COLOURS = ("#56B4E9", "#0072B2", "#009E73", "#E69F00", "#D55E00", "#CC79A7")


def draw_curves(curves: tuple[VisitCurve, ...]) -> bytes:
    """Each curve from its visit on, with its band, on one axis of years since the first visit."""

    def paint(axes: Any) -> None:
        for place, curve in enumerate(curves):
            colour = _COLOURS[place % len(_COLOURS)]
            drawn = curve.times <= _DRAWN_A
            x = curve.visit_time + np.concatenate([[0.0], curve.times[drawn]])
            low, middle, high = (
                np.concatenate([[1.0], y[drawn]]) for y in (curve.band[:, 0], curve.survival, curve.band[:, 1])
            )
            axes.fill_between(x, low, high, color=colour, alpha=0.12, linewidth=0)
            axes.plot(x, middle, color=colour, linewidth=2)
            axes.plot([curve.visit_time], [1.0], "v", color=colour, clip_on=False)
        axes.set_ylim(0, 1.02)
        axes.set_xlabel("years since the first visit (triangles: visits)")
        axes.set_ylabel("probability to live on, from the visit")

    return draw_png("One patient's curve, told again after each visit", paint)


def main() -> None:
    """Train, choose a test patient who died and had visits enough, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    wanted = parser.parse_args()
    kit = PACK.kit("progression")
    assert isinstance(kit, TaskKit)
    request = DataRequest((wanted.data_dir,), wanted.data_dir, offline=True, progress=Silence())
    dataset = kit.read_dataset(request, SEED)
    test = dataset.test
    assert test is not None
    predictor, _ = fit(Trial("progression", kit, dataset), "landmarking", {})
    visits = {person: np.flatnonzero(test.subjects == person) for person in np.unique(test.subjects)}
    fitting = (rows for rows in visits.values() if rows.size >= _FEWEST_VISITS and test.labels[rows[-1]] == 1)
    last = int(next(fitting)[-1])
    scalars = {name: float(test.inputs[name][last]) for name in ("age", "female", "penicillamine")}
    wanted.out.write_bytes(draw_curves(curves_after_each_visit(predictor, test.inputs["events"][last], scalars)))


if __name__ == "__main__":
    main()
