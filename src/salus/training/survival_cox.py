"""Cox's proportional hazards model by Newton's method, with a ridge penalty."""

from __future__ import annotations

import numpy as np

from salus.contracts.errors import InvalidInput
from salus.training.survival_risk_sets import Floats, RiskSets

_MOST_STEPS = 50
_TOLERANCE = 1e-8


def fit_cox(rows: Floats, sets: RiskSets, *, weights: Floats, ridge: float, start: Floats | None = None) -> Floats:
    """Coefficients of ln h(t|x) = ln h0(t) + b . x.

    Maximises sum_i w_i [event_i] (b . x_i - ln sum over risk set of w_j exp(b . x_j)) - ridge E |b|^2 / 2, E being the
    weight of the events. A step that does not raise it is halved.

    Args:
        rows: (N, F) standardised, without missing values.
        sets: Times and events of the same subjects.
        weights: (N,) how much each subject counts.
        ridge: Not negative.
        start: (F,) where to begin; zeros without.

    Raises:
        InvalidInput: No event, or no convergence in 50 steps.
    """
    if not sets.event.any():
        raise InvalidInput("at least one event", found="none", remedy="Take subjects who were followed for longer.")
    events = float((weights * sets.event).sum())
    b = np.zeros(rows.shape[1]) if start is None else start.copy()

    def objective(at: Floats) -> float:
        return sets.cox_loss(rows @ at, weights) + ridge * float(at @ at) / 2

    current = objective(b)
    for _ in range(_MOST_STEPS):
        gradient, curvature = _derivatives(rows, sets, weights, b)
        step = np.linalg.solve(curvature / events + (ridge + 1e-9) * np.eye(b.size), gradient / events + ridge * b)
        share = 1.0
        while objective(b - share * step) > current + 1e-12 and share > 1e-6:
            share /= 2
        b = b - share * step
        following = objective(b)
        if abs(current - following) < _TOLERANCE and share == 1.0:
            return b
        current = following
    raise InvalidInput(
        f"coefficients within {_MOST_STEPS} steps",
        found="none: perhaps one input tells the order of events perfectly",
        remedy="Raise the ridge penalty.",
    )


def _derivatives(rows: Floats, sets: RiskSets, weights: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Gradient and Hessian of the negative log partial likelihood.

    With risks r_j = w_j exp(score_j), risk sums R_i and c_k = sum over events i up to k of w_i / R_i, the Hessian is
    X' diag(r c) X - sum over events of w_i m_i m_i', m_i being the risk-weighted mean row of the risk set.
    """
    score = rows @ b
    risk = weights * np.exp(score - score.max())
    total = np.maximum(sets.at_risk(risk), 1e-300)
    of_events = weights * sets.event
    gradient = rows.T @ (risk * sets.up_to(of_events / total) - of_events)
    mean = sets.at_risk(risk[:, None] * rows) / total[:, None]
    hessian = (rows * (risk * sets.up_to(of_events / total))[:, None]).T @ rows - (mean * of_events[:, None]).T @ mean
    return gradient, hessian
