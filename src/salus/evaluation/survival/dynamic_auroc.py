"""Area under the ROC curve at a horizon, by inverse probability of censoring weights.

Cases have had the event up to the horizon, weighted by 1 / G(T-); controls are observed past it (Uno et al., JASA
102:527-537, 2007; Hung and Chiang, Canadian Journal of Statistics 38:8-26, 2010). Equal risks count one half.
"""

from __future__ import annotations

import numpy as np

from salus.evaluation.survival.answers import SurvivalAnswers
from salus.evaluation.survival.brier import CensoringWeights
from salus.evaluation.weighted import Floats, Prepared, Ranking, divide


def auroc_at(answers: SurvivalAnswers, horizon: float) -> Prepared:
    """The AUROC of the predicted risk at a horizon; NaN without cases or without controls."""
    ranking = Ranking(1 - answers.at(horizon), descending=False)
    censoring = CensoringWeights(answers)
    case, control = answers.event & (answers.time <= horizon), answers.time > horizon

    def area(weights: Floats) -> Floats:
        cases = ranking.per_level(censoring.at_events(weights) * case)
        controls = ranking.per_level(weights * control)
        below = np.cumsum(controls, axis=1) - controls / 2
        return divide((cases * below).sum(axis=1), cases.sum(axis=1) * controls.sum(axis=1))

    return area
