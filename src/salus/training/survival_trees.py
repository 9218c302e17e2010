"""Trees for survival: boosting on the Cox partial likelihood, and forests of relative-risk trees."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from salus.networks.survival_forest import HazardTree
from salus.networks.survival_inputs import Preparation
from salus.networks.trees import BoostedTrees
from salus.training.survival_data import SurvivalPart
from salus.training.survival_recipes import BoostingRecipe, ForestRecipe
from salus.training.survival_risk_sets import Floats, RiskSets


def fit_boosting(
    train: SurvivalPart, validation: SurvivalPart, weights: Floats, recipe: BoostingRecipe, *, seed: int
) -> tuple[list[dict[str, Any]], Floats]:
    """One boosted model of ln h(t|x) - ln h0(t).

    Args:
        train: Learned from.
        validation: Its partial likelihood says when to stop.
        weights: (N,) of the training subjects.
        recipe: How.
        seed: Of rows and columns.

    Returns:
        The trees' roots up to the best round, as LightGBM dumps them, and their scores of the training subjects, (N,).
    """
    import lightgbm

    sets, held = train.risk_sets, validation.risk_sets
    once = np.ones(len(validation))

    def objective(scores: Floats, _: Any) -> tuple[Floats, Floats]:
        return sets.cox_gradient(scores, weights)

    def badness(scores: Floats, _: Any) -> tuple[str, float, bool]:
        return "partial_likelihood", held.cox_loss(scores, once), False

    rows = lightgbm.Dataset(train.rows.astype(np.float64), label=train.time, free_raw_data=False)
    booster = lightgbm.train(
        {
            "objective": objective,
            "metric": "none",
            "learning_rate": recipe.learning_rate,
            "num_leaves": recipe.leaves,
            "min_data_in_leaf": recipe.samples_per_leaf,
            "bagging_fraction": recipe.row_share,
            "bagging_freq": 1,
            "feature_fraction": recipe.column_share,
            "lambda_l2": recipe.l2,
            "seed": seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
            "verbosity": -1,
        },
        rows,
        num_boost_round=recipe.rounds,
        valid_sets=[lightgbm.Dataset(validation.rows.astype(np.float64), label=validation.time, reference=rows)],
        feval=badness,
        callbacks=[lightgbm.early_stopping(recipe.early_stopping, verbose=False)],
    )
    roots = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
    scores: Floats = np.asarray(booster.predict(train.rows.astype(np.float64), raw_score=True))
    return roots, scores


def join_boosted(models: list[list[dict[str, Any]]]) -> BoostedTrees:
    """Several models as one module with a score of each; shorter ones are filled with trees of one leaf, 0."""
    rounds = max(len(model) for model in models)
    filled = [[*model, *({"leaf_value": 0.0},) * (rounds - len(model))] for model in models]
    return BoostedTrees([model[at] for at in range(rounds) for model in filled], outputs=len(models))


def fit_forest(
    part: SurvivalPart,
    preparation: Preparation,
    weights: Floats,
    times: Floats,
    recipe: ForestRecipe,
    *,
    seed: int,
) -> list[HazardTree]:
    """A forest of relative-risk trees.

    Trees are grown on the Poisson deviance of events given what the Nelson-Aalen estimate expects of each subject,
    which is the full likelihood's first step (LeBlanc and Crowley, Biometrics 48:411-425, 1992). Leaves then take the
    Nelson-Aalen estimate of their own subjects.

    Args:
        part: Learned from.
        preparation: From raw rows to those that the trees ask; must not scale.
        weights: (N,) of the subjects.
        times: (T,) where the leaves' hazards are told.
        recipe: How.
        seed: Of rows and columns.
    """
    from sklearn.ensemble import RandomForestRegressor

    sets = part.risk_sets
    expected = np.exp(sets.baseline(np.zeros(len(part)), weights, part.time))
    with torch.inference_mode():
        rows: NDArray[np.float32] = preparation(torch.from_numpy(part.rows)).numpy()
    forest = RandomForestRegressor(
        n_estimators=recipe.trees,
        criterion="poisson",
        min_samples_leaf=recipe.samples_per_leaf,
        max_features=recipe.column_share,
        bootstrap=True,
        random_state=seed,
        n_jobs=1,
    )
    forest.fit(rows, part.event / expected, sample_weight=weights * expected)
    base = np.exp(sets.baseline(np.zeros(len(part)), weights, times))
    interval = np.searchsorted(times, part.time, side="left")

    def read(tree: Any) -> HazardTree:
        leaf = tree.apply(rows)
        hazard = leaf_hazards(leaf, sets, weights, interval, nodes=tree.node_count, steps=times.size)
        members = np.bincount(leaf, weights=weights, minlength=tree.node_count)[:, None]
        shrunk = (members * hazard + recipe.shrinkage * base) / np.maximum(members + recipe.shrinkage, 1e-12)
        return HazardTree(
            feature=np.maximum(tree.feature, 0).astype(np.int64),
            threshold=_float32_floor(tree.threshold),
            left=tree.children_left.astype(np.int64),
            right=tree.children_right.astype(np.int64),
            hazard=shrunk,
        )

    return [read(one.tree_) for one in forest.estimators_]


def leaf_hazards(
    leaf: NDArray[np.integer],
    sets: RiskSets,
    weights: Floats,
    interval: NDArray[np.intp],
    *,
    nodes: int,
    steps: int,
) -> Floats:
    """The Nelson-Aalen estimate of each leaf at the ends of `steps` intervals: (nodes, steps).

    Args:
        leaf: (N,) the leaf of each subject.
        sets: Their times and events.
        weights: (N,).
        interval: (N,) the interval of each subject's time; `steps` for those after the last.
        nodes: Number of nodes.
        steps: Number of intervals.
    """
    order = np.lexsort((sets.time, leaf))
    ranked, times = leaf[order], sets.time[order]
    starts = np.flatnonzero(np.concatenate([[True], (ranked[1:] != ranked[:-1]) | (times[1:] != times[:-1])]))
    first = starts[np.cumsum(np.isin(np.arange(order.size), starts)) - 1]
    total = np.concatenate([[0.0], np.cumsum(weights[order])])
    end = np.searchsorted(ranked, ranked, side="right")
    at_risk = total[end] - total[first]
    step = np.divide(weights[order] * sets.event[order], at_risk, out=np.zeros(order.size), where=at_risk > 0)
    hazard = np.zeros((nodes, steps + 1))
    np.add.at(hazard, (ranked, interval[order]), step)
    cumulative: Floats = np.cumsum(hazard[:, :steps], axis=1)
    return cumulative


def _float32_floor(values: Floats) -> NDArray[np.float32]:
    """The largest FP32 numbers that are not above `values`, so that comparisons of FP32 numbers stay the same."""
    rounded = values.astype(np.float32)
    lower = np.nextafter(rounded, np.float32(-np.inf))
    return np.where(rounded.astype(np.float64) > values, lower, rounded).astype(np.float32)
