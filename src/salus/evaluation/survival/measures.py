"""The measures of survival by name, and their intervals.

`c_index`, `c_index_ipcw`, `ibs`, `d_calibration`, and for each horizon h `brier_<h>`, `auroc_<h>` and
`calibration_<h>`, h as in `brier_12` in the question's unit. For `c_index`, `c_index_ipcw` and `auroc` higher is
better, for all others lower.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from salus.contracts.errors import InvalidInput
from salus.contracts.reports import Interval
from salus.evaluation.bootstrap import draw_weights, resample
from salus.evaluation.survival.answers import SurvivalAnswers
from salus.evaluation.survival.brier import brier_at, integrated_brier
from salus.evaluation.survival.calibration import calibration_at, d_calibration
from salus.evaluation.survival.concordance import harrell, uno
from salus.evaluation.survival.dynamic_auroc import auroc_at
from salus.evaluation.weighted import Floats, Prepared

_WHOLE: dict[str, Callable[[SurvivalAnswers], Prepared]] = {
    "c_index": harrell,
    "c_index_ipcw": uno,
    "ibs": integrated_brier,
    "d_calibration": d_calibration,
}
_AT: dict[str, Callable[[SurvivalAnswers, float], Prepared]] = {
    "brier": brier_at,
    "auroc": auroc_at,
    "calibration": calibration_at,
}


def name_at(measure: str, horizon: float) -> str:
    """The name of a measure at a horizon.

    Example:
        >>> name_at("brier", 12.0)
        'brier_12'
    """
    return f"{measure}_{horizon:g}"


def list_measures(horizons: Sequence[float]) -> tuple[str, ...]:
    """The names of all measures for these horizons."""
    return (*_WHOLE, *(name_at(measure, horizon) for measure in _AT for horizon in horizons))


def prepare_measure(name: str, answers: SurvivalAnswers) -> Prepared:
    """A measure of these answers, ready for weights; NaN throughout where its horizon is not known.

    Raises:
        InvalidInput: No such measure.
    """
    if name in _WHOLE:
        return _WHOLE[name](answers)
    kind, _, horizon = name.rpartition("_")
    if kind not in _AT:
        raise InvalidInput(
            f"one of {', '.join((*_WHOLE, *(f'{each}_<horizon>' for each in _AT)))}",
            found=repr(name),
            remedy="Correct the measure's name.",
        )
    known = next((one for one in answers.horizons if f"{one:g}" == horizon), None)
    if known is None:
        return lambda weights: np.full(weights.shape[0], np.nan)
    return _AT[kind](answers, known)


def find_values(
    names: Sequence[str],
    answers: SurvivalAnswers,
    *,
    seed: int,
    resamples: int,
    level: float = 0.95,
    subjects: NDArray[np.generic] | None = None,
) -> dict[str, tuple[float | None, Interval | None]]:
    """Each measure with its percentile interval, all from the same resamples; None where it is not defined.

    Resamples keep the number of events, and draw subjects where samples share one. An interval is widened to hold its
    point where resampling is biased, as for the calibration measures, which grow with noise.

    Args:
        names: As `list_measures` names them.
        answers: At least one subject.
        seed: All chance.
        resamples: At least 2.
        level: Confidence, from 0 to 1.
        subjects: (N,) the person of each sample; None where each sample is its own person.
    """
    prepared = [prepare_measure(name, answers) for name in names]
    points = resample(prepared, np.ones((1, len(answers))))[0]
    weights = draw_weights(
        np.random.default_rng(seed), count=len(answers), resamples=resamples, strata=answers.event, clusters=subjects
    )
    values = resample(prepared, weights)
    return {
        name: (None if np.isnan(points[at]) else float(points[at]), _interval(values[:, at], float(points[at]), level))
        for at, name in enumerate(names)
    }


def paired_loss(
    name: str, reference: SurvivalAnswers, candidate: SurvivalAnswers, *, seed: int, resamples: int, level: float = 0.95
) -> tuple[float, float, float]:
    """The measure of `reference` less that of `candidate`, with the ends of its paired bootstrap interval.

    Raises:
        InvalidInput: The measure is not defined for one of the two.
    """
    prepared = [prepare_measure(name, answers) for answers in (reference, candidate)]
    point = resample(prepared, np.ones((1, len(reference))))[0]
    weights = draw_weights(
        np.random.default_rng(seed), count=len(reference), resamples=resamples, strata=reference.event
    )
    values = resample(prepared, weights)
    difference = float(point[0] - point[1])
    interval = _interval(values[:, 0] - values[:, 1], difference, level)
    if interval is None:
        raise InvalidInput(
            "two subjects or more that can be compared", found="none", remedy="Compare the forms on more samples."
        )
    return difference, interval.low, interval.high


def _interval(values: Floats, point: float, level: float) -> Interval | None:
    defined = values[~np.isnan(values)]
    if np.isnan(point) or defined.size < 2:
        return None
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return Interval(min(float(low), point), max(float(high), point), level)
