"""Concordance of scores with the order of events.

Of two subjects the earlier event should have the higher score. A pair can be compared where the earlier time is an
event; of two equal times where exactly one is an event, which then counts as the earlier. Equal scores count one half.

- Harrell's C (Harrell et al., JAMA 247:2543-2546, 1982): all such pairs alike.
- The IPCW C-index (Uno et al., Statistics in Medicine 30:1105-1117, 2011): each pair weighted by 1 / G(t-)^2 of the
  earlier event, so that the value does not depend on the censoring; pairs whose earlier event is at `until` or later
  are left out.
"""

from __future__ import annotations

import numpy as np

from salus.evaluation.survival.answers import SurvivalAnswers
from salus.evaluation.survival.kaplan_meier import KaplanMeier
from salus.evaluation.weighted import Floats, Prepared, divide

_ROWS = 2048


def harrell(answers: SurvivalAnswers) -> Prepared:
    """Harrell's C of each weighting; NaN where no pair can be compared."""
    return lambda weights: _concordance(answers, weights, weights)


def uno(answers: SurvivalAnswers) -> Prepared:
    """The IPCW C-index up to the last known time of the curves; G is estimated from each weighting itself."""
    censoring = KaplanMeier(answers.time, answers.event, censoring=True)
    until = float(answers.times[-1]) if answers.times.size else np.inf
    counted = answers.event & (answers.time < until)

    def concordance(weights: Floats) -> Floats:
        uncensored = censoring.at(weights, answers.time, before=True)
        earlier = np.divide(weights, uncensored**2, out=np.zeros_like(weights), where=counted & (uncensored > 0))
        return _concordance(answers, earlier, weights)

    return concordance


def _concordance(answers: SurvivalAnswers, earlier: Floats, later: Floats) -> Floats:
    """Sum over pairs of earlier_i later_j [right order] over the same without the order, in blocks of rows i."""
    rows = np.flatnonzero(answers.event & (earlier > 0).any(axis=0))
    right, pairs = np.zeros(earlier.shape[0]), np.zeros(earlier.shape[0])
    weights = later.astype(np.float32).T.copy()
    for start in range(0, rows.size, _ROWS):
        i = rows[start : start + _ROWS]
        before = answers.time[i, None] < answers.time[None, :]
        tied = (answers.time[i, None] == answers.time[None, :]) & ~answers.event[None, :]
        comparable = before | tied
        higher = answers.score[i, None] - answers.score[None, :]
        ordered = comparable * ((higher > 0) + 0.5 * (higher == 0)).astype(np.float32)
        mine = earlier[:, i].T
        right += np.einsum("ib,ib->b", mine, ordered @ weights)
        pairs += np.einsum("ib,ib->b", mine, comparable.astype(np.float32) @ weights)
    return divide(right, pairs)
