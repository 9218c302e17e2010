"""Five-fold cross-validation of the estimators of `icu_risk` on set A, with the challenge's two scores.

Each stay is judged once, by a model that has not seen it; those with fewer observations than the service judges are
left out. Of the other four fifths 2 % are handed over as validation part, by which nothing is chosen. From the
out-of-fold log-odds of the four other folds a fold's calibration (scale and shift of the log-odds) and its threshold
(rule `event1`) are fitted, so that no stay has a part in the threshold that calls it. The ensemble's log-odds are the
mean of its members', as in the module that is exported.

    python -m benchmarks icu_risk

writes docs/performance/icu_risk.json, and the table between the markers of docs/performance/icu_risk.md.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import PAGES, describe_machine
from salus.bootstrap.house import House
from salus.contracts.datasets import Split
from salus.contracts.errors import DataUnavailable
from salus.contracts.predictors import EstimatorFactory, Exportable, FitOptions
from salus.data.catalogue import find_entry, locate
from salus.data.sets.physionet2012 import read_challenge_folder
from salus.data.splitting import split_by_subject
from salus.evaluation.answers import Answers
from salus.evaluation.bootstrap import find_intervals
from salus.evaluation.icu_scores import challenge_scores
from salus.evaluation.metrics import measure
from salus.evaluation.thresholds import choose_threshold
from salus.networks.event_classifier import EventClassifier
from salus.training.event_networks import predict_risk
from salus.training.event_recipes import MemberWeights
from salus.training.event_rows import read_stays
from salus_packs.icu_risk import model
from salus_packs.icu_risk.task import INPUTS

FOLDS, SEED, RESAMPLES = 5, 2012, 1000
TOLD = 0.02
"""Share of a fold's training stays that the estimators are handed as validation part; they choose nothing by it."""
DATA, PAGE = PAGES / "icu_risk.json", PAGES / "icu_risk.md"
BEGIN, END = "<!-- icu_risk:begin -->", "<!-- icu_risk:end -->"
COMMAND = "python -m benchmarks icu_risk"
MEMBERS = ("gradient_boosting", "gru_decay", "logistic", "event_transformer")
SHOWN = {"event1": "event 1", "event2": "event 2 (H)", "auroc": "AUROC", "auprc": "AUPRC", "ece": "ECE"}
Figures = dict[str, dict[str, float]]


def main() -> None:
    """Cross-validate, and write."""
    try:
        stays = _read_stays(House())
    except DataUnavailable as error:
        sys.exit(str(error))
    folds = list(_divide(stays))
    log_odds, seconds = {}, {}
    for name in MEMBERS:
        log_odds[name], seconds[name] = _cross_validate(name, stays, folds)
        print(name, round(seconds[name]), "s a fold", flush=True)
    weights = MemberWeights()
    shares = {name: float(getattr(weights, name)) for name in MEMBERS}
    log_odds["ensemble"] = np.sum([shares[name] * log_odds[name] for name in MEMBERS], axis=0) / sum(shares.values())
    seconds["ensemble"] = sum(seconds[name] for name in MEMBERS if shares[name] > 0)
    figures = {name: _judge(scores, stays.labels, folds) for name, scores in log_odds.items()}
    record = {"command": COMMAND, "folds": FOLDS, "seed": SEED, "figures": figures, "seconds_a_fold": seconds}
    DATA.write_text(json.dumps(record, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    _write_page(figures, seconds)


def _read_stays(house: House) -> Split:
    stays = read_challenge_folder(locate(find_entry("physionet2012"), house.data_request().data_dirs).folder)
    counts = np.array([len(rows) for rows in stays.inputs[INPUTS[-1].name]])
    return stays.take(np.flatnonzero(counts >= INPUTS[-1].fewest))


def _divide(stays: Split) -> Iterator[NDArray[np.intp]]:
    fractions = {str(fold): 1.0 / FOLDS for fold in range(FOLDS)}
    yield from split_by_subject(stays.subjects, stays.labels, fractions=fractions, seed=SEED).values()


def _cross_validate(name: str, stays: Split, folds: list[NDArray[np.intp]]) -> tuple[NDArray[np.float64], float]:
    """Out-of-fold log-odds of death, and the mean seconds that a fold's training took."""
    make: EstimatorFactory = getattr(model, name)
    found, spent = np.zeros(len(stays)), []
    for number, held in enumerate(folds):
        rest = stays.take(np.setdiff1d(np.arange(len(stays)), held))
        parts = split_by_subject(rest.subjects, rest.labels, fractions={"fit": 1.0 - TOLD, "told": TOLD}, seed=SEED)
        started = time.monotonic()
        estimator = make(FitOptions())
        rng = np.random.default_rng([SEED, number])
        predictor = estimator.fit(rest.take(parts["fit"]), rest.take(parts["told"]), rng=rng)
        spent.append(time.monotonic() - started)
        module = predictor.graph_source().model if isinstance(predictor, Exportable) else None
        if not isinstance(module, EventClassifier):
            raise TypeError("expected an EventClassifier")
        found[held] = predict_risk(module.risk, read_stays(stays.take(held), INPUTS))
    return found, float(np.mean(spent))


def _judge(log_odds: NDArray[np.float64], labels: NDArray[np.int64], folds: list[NDArray[np.intp]]) -> Figures:
    """Each measure's value and interval over all stays."""
    risks, called = np.zeros(len(labels)), np.zeros(len(labels), dtype=np.bool_)
    for held in folds:
        others = np.setdiff1d(np.arange(len(labels)), held)
        scale, shift = _fit_scale(log_odds[others], labels[others])
        own = 1.0 / (1.0 + np.exp(-(scale * log_odds + shift)))
        risks[held] = own[held]
        called[held] = own[held] >= choose_threshold(own[others], labels[others], rule="event1")
    scores = challenge_scores(labels, risks, called=called, seed=SEED, resamples=RESAMPLES)
    figures = {
        name: {"value": score.value, "low": score.interval.low, "high": score.interval.high}
        for name, score in scores.items()
    }
    answers = Answers(labels, np.stack([1.0 - risks, risks], axis=1), called.astype(np.int64))
    names = ("auroc", "auprc", "ece", "sensitivity", "ppv")
    intervals = find_intervals(names, answers, seed=SEED, resamples=RESAMPLES)
    for name in names:
        value, interval = measure(name, answers), intervals[name]
        if value is not None and interval is not None:
            figures[name] = {"value": value, "low": interval.low, "high": interval.high}
    return figures


def _fit_scale(log_odds: NDArray[np.float64], labels: NDArray[np.int64]) -> tuple[float, float]:
    """Platt's scaling without a penalty: scale and shift of the log-odds, by Newton's method."""
    design = np.stack([log_odds, np.ones_like(log_odds)], axis=1)
    weights = np.array([1.0, 0.0])
    for _ in range(25):
        risk = 1.0 / (1.0 + np.exp(-(design @ weights)))
        curvature = (design * (risk * (1.0 - risk))[:, np.newaxis]).T @ design
        weights = weights + np.linalg.solve(curvature, design.T @ (labels - risk))
    return float(weights[0]), float(weights[1])


def _write_page(figures: dict[str, Figures], seconds: dict[str, float]) -> None:
    rows = ["| estimator | " + " | ".join(SHOWN.values()) + " | s a training |", "|---" * (len(SHOWN) + 2) + "|"]
    for name, own in figures.items():
        cells = [f"{f['value']:.3g} ({f['low']:.3g} to {f['high']:.3g})" for f in (own[key] for key in SHOWN)]
        rows.append(f"| `{name}` | " + " | ".join(cells) + f" | {seconds[name]:.0f} |")
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else f"# Risk in intensive care\n\n{BEGIN}\n{END}\n"
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    machine = describe_machine(("torch", "lightgbm", "scikit-learn"), command=COMMAND)
    PAGE.write_text("\n".join([before + BEGIN, "", machine, "", *rows, "", END + after]), encoding="utf-8")


if __name__ == "__main__":
    main()
