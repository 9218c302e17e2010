"""The lines to draw for survival: mean curves, calibration at horizons, the Brier score over time.

`mean_survival` x time, y mean predicted curve; `kaplan_meier` x time, y observed; `calibration_<h>` x mean predicted
risk of a bin, y observed risk; `brier` and `brier_reference` x time, y Brier score of the model, and of the
Kaplan-Meier curve that knows nothing of the subject. `kaplan_meier`, `calibration_<h>` and `brier` come with the edges
of a pointwise bootstrap band, `_low` and `_high`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from salus.contracts.reports import Curve
from salus.evaluation.bootstrap import draw_weights
from salus.evaluation.survival.answers import SurvivalAnswers
from salus.evaluation.survival.brier import brier_curve
from salus.evaluation.survival.calibration import risk_bins
from salus.evaluation.survival.kaplan_meier import KaplanMeier
from salus.evaluation.survival.measures import name_at
from salus.evaluation.weighted import Floats

_BAND_RESAMPLES = 300
_GRID_POINTS = 100
_DIGITS = 6


def list_curves(
    answers: SurvivalAnswers, *, seed: int, level: float = 0.95, subjects: NDArray[np.generic] | None = None
) -> tuple[Curve, ...]:
    """All lines; none where no time of the curves is known.

    Args:
        answers: At least one subject.
        seed: Of the bands, which rest on 300 resamples.
        level: Confidence of the bands.
        subjects: (N,) the person of each sample; None where each sample is its own person.
    """
    if not answers.times.size:
        return ()
    weights = draw_weights(
        np.random.default_rng(seed),
        count=len(answers),
        resamples=_BAND_RESAMPLES,
        strata=answers.event,
        clusters=subjects,
    )
    tails = ((1 - level) / 2, (1 + level) / 2)
    return (
        *_mean_curves(answers, weights, tails),
        *(curve for horizon in answers.horizons for curve in _calibration(answers, horizon, weights, tails)),
        *_brier(answers, weights, tails),
    )


def _mean_curves(answers: SurvivalAnswers, weights: Floats, tails: tuple[float, float]) -> Iterator[Curve]:
    start = np.array([0.0])
    yield _curve(
        "mean_survival",
        np.concatenate([start, answers.times]),
        np.concatenate([start + 1, answers.survival.mean(axis=0)]),
    )
    grid = np.linspace(0.0, float(answers.times[-1]), _GRID_POINTS + 1)
    observed = KaplanMeier(answers.time, answers.event)
    middle = observed.at(np.ones((1, len(answers))), grid)[0]
    yield from _with_band("kaplan_meier", grid, middle, observed.at(weights, grid), tails)


def _calibration(
    answers: SurvivalAnswers, horizon: float, weights: Floats, tails: tuple[float, float]
) -> Iterator[Curve]:
    risk, bin_of = 1 - answers.at(horizon), risk_bins(answers, horizon)
    when = np.array([horizon])
    x, y, drawn = [], [], []
    for one in np.unique(bin_of):
        part = np.flatnonzero(bin_of == one)
        observed = KaplanMeier(answers.time[part], answers.event[part])
        x.append(float(risk[part].mean()))
        y.append(1 - observed.at(np.ones((1, part.size)), when)[0, 0])
        drawn.append(1 - observed.at(weights[:, part], when)[:, 0])
    yield from _with_band(name_at("calibration", horizon), np.array(x), np.array(y), np.stack(drawn, axis=1), tails)


def _brier(answers: SurvivalAnswers, weights: Floats, tails: tuple[float, float]) -> Iterator[Curve]:
    once = np.ones((1, len(answers)))
    model = brier_curve(answers, answers.times, answers.survival)
    marginal = KaplanMeier(answers.time, answers.event).at(once, answers.times)
    reference = brier_curve(answers, answers.times, np.repeat(marginal, len(answers), axis=0))
    yield from _with_band("brier", answers.times, model(once)[0], model(weights), tails)
    yield _curve("brier_reference", answers.times, reference(once)[0])


def _with_band(name: str, x: Floats, y: Floats, drawn: Floats, tails: tuple[float, float]) -> Iterator[Curve]:
    low, high = np.nanquantile(drawn, tails, axis=0)
    yield _curve(name, x, y)
    yield _curve(f"{name}_low", x, np.minimum(low, y))
    yield _curve(f"{name}_high", x, np.maximum(high, y))


def _curve(name: str, x: Floats, y: Floats) -> Curve:
    return Curve(
        name=name,
        x=tuple(round(float(value), _DIGITS) for value in x),
        y=tuple(round(float(value), _DIGITS) for value in y),
    )
