"""Numbers in place of censored times: pseudo-observations of the restricted mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salus.contracts.errors import InvalidInput

Floats = NDArray[np.float64]


def restricted_mean_pseudo_observations(time: Floats, event: NDArray[np.int64], *, horizon: float) -> Floats:
    """What each subject contributes to the mean event-free time up to a horizon.

    n theta - (n - 1) theta_without_i, theta being the area under the Kaplan-Meier curve up to the horizon. Their mean
    is theta; regressed on covariates they give the conditional restricted mean as uncensored numbers would, if
    censoring does not depend on the covariates (Andersen, Hansen, Klein, Lifetime Data Analysis 10:335-350, 2004).
    Without censoring before the horizon a pseudo-observation is min(time, horizon) itself; with it, single ones may
    lie below 0 or above the horizon.

    Args:
        time: (subjects,) of the event or of censoring, above 0.
        event: (subjects,) 1 where the event was observed, 0 where the subject was censored.
        horizon: In the unit of `time`; not beyond the longest time.

    Returns:
        (subjects,), in the unit of `time`.

    Raises:
        InvalidInput: Fewer than two subjects, or a horizon beyond the follow-up.
    """
    if len(time) < 2 or not 0 < horizon <= time.max():
        raise InvalidInput(
            "two subjects or more and a horizon within the follow-up",
            found=f"{len(time)} subjects",
            remedy="Choose an earlier horizon.",
        )
    grid = np.unique(time[(event == 1) & (time <= horizon)])
    at_risk = (time[:, None] >= grid).astype(np.float64)
    events = ((time[:, None] == grid) & (event[:, None] == 1)).astype(np.float64)
    widths = np.diff(np.concatenate([[0.0], grid, [horizon]]))
    n, d = at_risk.sum(axis=0), events.sum(axis=0)
    whole = _area(d[None], n[None], widths)[0]
    without = _area(d - events, n - at_risk, widths)
    return np.asarray(len(time) * whole - (len(time) - 1) * without, dtype=np.float64)


def restricted_mean(time: Floats, event: NDArray[np.int64], *, horizon: float) -> float:
    """The area under the Kaplan-Meier curve up to a horizon; past the longest time the curve stays as it was.

    Args:
        time: (subjects,).
        event: (subjects,) 1 where the event was observed.
        horizon: In the unit of `time`.
    """
    grid = np.unique(time[(event == 1) & (time <= horizon)])
    at_risk = (time[:, None] >= grid).sum(axis=0, keepdims=True).astype(np.float64)
    events = ((time[:, None] == grid) & (event[:, None] == 1)).sum(axis=0, keepdims=True).astype(np.float64)
    return float(_area(events, at_risk, np.diff(np.concatenate([[0.0], grid, [horizon]])))[0])


def _area(events: Floats, at_risk: Floats, widths: Floats) -> Floats:
    """Area under Kaplan-Meier curves: (curves, times) to (curves,). Nobody at risk: the curve stays."""
    hazard = np.divide(events, at_risk, out=np.zeros_like(events), where=at_risk > 0)
    curve = np.concatenate([np.ones((len(events), 1)), np.cumprod(1.0 - hazard, axis=1)], axis=1)
    return np.asarray(curve @ widths, dtype=np.float64)
