"""The measures of a choice between options.

From observed data: `outcome_rmse` (error of the expected outcome of the option that was given), `propensity_ece`,
`overlap` (share of samples that the model answers), and among those with overlap, all in the outcome's unit and signed
so that above 0 is better: `policy_value` (mean outcome if everybody were given what the model recommends, as it is, not
signed), `policy_gain` (that, over what was done), `recommended_difference` (mean outcome of those who were given what
is recommended less that of the others, nothing adjusted), and with two options `effect_aipw` (mean effect of the second
by doubly robust scores, not signed).

Where true effects are known (generated data): `sqrt_pehe`, the root of the mean squared error of the effect (Hill, J
Comput Graph Stat 20:217-240, 2011); `ate_error`, the error of the mean effect; `policy_regret`, the mean outcome that
is lost because the model recommends the wrong one (what policy risk is above its smallest value).
"""

from __future__ import annotations

import numpy as np

from salus.contracts.reports import Curve
from salus.evaluation.prepared_intervals import binned_means, root_mean
from salus.evaluation.treatment.answers import TreatmentAnswers
from salus.evaluation.weighted import Floats, Prepared, calibration_error, divide, mean_of

CALIBRATION_BINS = 10


def prepare_measures(answers: TreatmentAnswers) -> dict[str, Prepared]:
    """All measures of these samples, by name; NaN where one is not defined."""
    scores, rows = answers.doubly_robust_scores(), np.arange(len(answers))
    recommended = scores[rows, answers.recommended]
    followed = answers.given == answers.recommended
    prepared: dict[str, Prepared] = {
        "outcome_rmse": root_mean((answers.factual() - answers.observed) ** 2),
        "propensity_ece": _propensity_error(answers),
        "overlap": mean_of(answers.overlap),
        "policy_value": _mean_where(recommended, answers.overlap),
        "policy_gain": _mean_where(answers.sign * (recommended - answers.observed), answers.overlap),
        "recommended_difference": _difference(
            answers.sign * answers.observed, answers.overlap & followed, answers.overlap & ~followed
        ),
    }
    if answers.outcome.shape[1] == 2:
        prepared["effect_aipw"] = _mean_where(scores[:, 1] - scores[:, 0], answers.overlap)
    if answers.true_effect is not None:
        error = answers.effect[:, 1] - answers.true_effect
        gained = answers.sign * answers.true_effect
        prepared["sqrt_pehe"] = root_mean(error**2)
        prepared["ate_error"] = _absolute_mean(error)
        prepared["policy_regret"] = mean_of(np.maximum(gained, 0.0) - gained * (answers.recommended == 1))
    return prepared


def list_curves(answers: TreatmentAnswers) -> tuple[Curve, ...]:
    """`outcome`, `propensity` and `effect`: observed against predicted means in bins, each with `_low` and `_high`.

    Effects are observed as doubly robust scores, or as the true ones where they are known; those of the second option.
    """
    scores = answers.doubly_robust_scores()
    inside = np.flatnonzero(answers.overlap)
    observed = scores[:, 1] - scores[:, 0] if answers.true_effect is None else answers.true_effect
    return (
        *binned_means("outcome", answers.factual(), answers.observed),
        *binned_means("propensity", answers.propensity[:, 1], (answers.given == 1).astype(np.float64)),
        *binned_means("effect", answers.effect[inside, 1], observed[inside], bins=5),
    )


def _propensity_error(answers: TreatmentAnswers) -> Prepared:
    """Mean calibration error over the options but the first."""
    errors = [
        calibration_error(answers.propensity[:, option], answers.given == option, bins=CALIBRATION_BINS)
        for option in range(1, answers.propensity.shape[1])
    ]
    return lambda weights: np.asarray(np.mean([error(weights) for error in errors], axis=0), dtype=np.float64)


def _mean_where(values: Floats, chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Prepared:
    kept = np.where(chosen, values, 0.0)
    return lambda weights: divide(weights @ kept, weights @ chosen.astype(np.float64))


def _difference(
    values: Floats,
    first: np.ndarray[tuple[int], np.dtype[np.bool_]],
    second: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> Prepared:
    ours, theirs = _mean_where(values, first), _mean_where(values, second)
    return lambda weights: ours(weights) - theirs(weights)


def _absolute_mean(values: Floats) -> Prepared:
    mean = mean_of(values)
    return lambda weights: np.abs(mean(weights))
