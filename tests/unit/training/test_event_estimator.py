"""Estimators of observations in time: each learns, answers alike as a graph, and owes its chance to the seed."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from salus.contracts.batches import rectangular_parts
from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.predictors import FitOptions, Json
from salus.contracts.tensors import TensorSpec, Variable
from salus.contracts.text import LocalizedText
from salus.evaluation.predicting import predict_split
from salus.networks.predictor import TorchPredictor
from salus.optimisation.export_torch import export_torch
from salus.training.event_estimator import EventEstimator, EventKind
from salus.training.event_rows import read_stays, shortening_times
from salus.training.measures import area_under_curve

HOURS = 6.0
TIMES = (3.0, 6.0)
TEXT = LocalizedText("x", "某")


def _scalar(name: str, categories: int = 0) -> TensorSpec:
    return TensorSpec(
        name=name,
        datatype="FP32",
        shape=(-1,),
        title=TEXT,
        content="category" if categories else "scalar",
        categories=(TEXT,) * categories,
        missing="model",
    )


INPUTS = (
    _scalar("age"),
    _scalar("ward", 2),
    TensorSpec(
        name="events",
        datatype="FP32",
        shape=(-1, -1, 3),
        title=TEXT,
        content="events",
        unit="h",
        valid_range=(0.0, HOURS),
        missing="abstain",
        fewest=2,
        variables=tuple(Variable(name=name, title=TEXT, unit="1") for name in ("a", "b", "c")),
    ),
)
SMALL: dict[EventKind, dict[str, Json]] = {
    "logistic": {"inverse_penalty": 0.1, "copies": 1},
    "gradient_boosting": {"rounds": 30, "leaves": 4, "samples_per_leaf": 5, "column_share": 0.5, "learning_rate": 0.1},
    "gru_decay": {"epochs": 10, "hidden": 8, "learning_rate": 0.02, "batch_size": 32, "average": 0.8},
    "event_transformer": {
        "epochs": 10,
        "width": 8,
        "heads": 2,
        "queries": 2,
        "learning_rate": 0.01,
        "average": 0.8,
        "dropout": 0.0,
    },
    "ensemble": {},
}
SMALL["ensemble"] = {
    "gradient_boosting": SMALL["gradient_boosting"],
    "gru_decay": {**SMALL["gru_decay"], "epochs": 1},
    "event_transformer": {**SMALL["event_transformer"], "epochs": 1},
    "weights": {"gradient_boosting": 0.5, "gru_decay": 0.3, "event_transformer": 0.2},
}


def _split(seed: int, count: int) -> Split:
    """The last value of `a` tells the label, with some noise."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(count) < 0.4).astype(np.int64)
    events = np.empty(count, dtype=object)
    for index, label in enumerate(labels):
        length = int(rng.integers(5, 20))
        rows = np.stack([rng.uniform(0, HOURS, length), rng.integers(0, 3, length), rng.normal(size=length)], 1)
        rows[:, 2] += np.where(rows[:, 1] == 0, 1.5 * label, 0.0)
        events[index] = rows.astype(np.float32)
    names = np.array([f"s{seed}-{index}" for index in range(count)])
    age: NDArray[np.float32] = rng.uniform(20, 90, count).astype(np.float32)
    age[::7] = np.nan
    ward = rng.integers(0, 2, count).astype(np.float32)
    return Split({"age": age, "ward": ward, "events": events}, labels, names, names)


def _estimator(kind: EventKind, **options: Json) -> EventEstimator:
    values = {**SMALL[kind], **options}
    union = {"ab": ("a", "b")}
    return EventEstimator(
        kind, inputs=INPUTS, times=TIMES, unions=union, ratios=[("a", "ab")], options=FitOptions(hyperparameters=values)
    )


def _fit(kind: EventKind, seed: int = 0) -> TorchPredictor:
    return _estimator(kind).fit(_split(1, 160), _split(2, 60), rng=np.random.default_rng(seed))


@pytest.mark.parametrize("kind", ["logistic", "gradient_boosting", "gru_decay", "event_transformer"])
def test_each_family_learns(kind: EventKind) -> None:
    predictor, test = _fit(kind), _split(3, 80)
    answered = predict_split(predictor, test)
    assert answered["course_logits"].shape == (80, 2, 2)
    assert area_under_curve(answered["logits"][:, 1].astype(np.float64), test.labels == 1) > 0.7


def test_the_graph_of_all_families_together_answers_as_they_do_for_any_number_of_observations() -> None:
    predictor, test = _fit("ensemble"), _split(3, 12)
    answered = predict_split(predictor, test)
    _, sample = next(rectangular_parts(test.inputs, most=2))
    graph = export_torch(predictor.graph_source(), INPUTS, sample=sample)
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    for size, padding in ((1, 0), (12, 5)):
        columns = {name: np.asarray(column[:size]) for name, column in test.inputs.items()}
        (_, batch), *_ = rectangular_parts(columns, most=size)
        batch["events"] = np.pad(batch["events"], [(0, 0), (0, padding), (0, 0)], constant_values=np.nan)
        logits, course = session.run(None, batch)
        assert np.abs(logits - answered["logits"][:size]).max() < 1e-4
        assert np.array_equal(np.isnan(course), np.isnan(answered["course_logits"][:size]))
        assert np.nanmax(np.abs(course - answered["course_logits"][:size])) < 1e-4


@pytest.mark.parametrize("kind", ["gradient_boosting", "gru_decay"])
def test_the_same_seed_gives_the_same_model_and_another_seed_another(kind: EventKind) -> None:
    held = _split(4, 20)
    first, again, other = (predict_split(_fit(kind, seed), held)["logits"] for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_recipe_tells_every_hyperparameter_and_an_unknown_one_is_refused() -> None:
    recipe = _estimator("gru_decay").recipe
    assert recipe["kind"] == "gru_decay"
    assert recipe["hidden"] == 8
    with pytest.raises(InvalidInput, match="'depth'"):
        _estimator("gru_decay", depth=3)


def test_epochs_and_gpus_are_refused_where_there_are_none() -> None:
    for options in (FitOptions(epochs=3), FitOptions(device="cuda")):
        with pytest.raises(InvalidInput, match="logistic"):
            EventEstimator("logistic", inputs=INPUTS, times=TIMES, options=options)
    with pytest.raises(InvalidInput, match="observations"):
        EventEstimator("logistic", inputs=INPUTS[:2], times=TIMES, options=FitOptions())


def test_an_ensemble_without_a_weight_is_refused() -> None:
    weights: dict[str, Json] = {"gradient_boosting": 0.0, "gru_decay": 0.0}
    with pytest.raises(InvalidInput, match="weight above 0"):
        _estimator("ensemble", weights=weights).fit(_split(1, 40), _split(2, 20), rng=np.random.default_rng(0))


def test_one_class_alone_cannot_be_learned_from() -> None:
    part = _split(5, 40)
    with pytest.raises(InvalidInput, match="both classes"):
        _estimator("logistic").fit(part.take(np.flatnonzero(part.labels == 0)), part, rng=np.random.default_rng(0))


def test_samples_with_too_few_observations_are_left_out() -> None:
    part = _split(6, 10)
    events = part.inputs["events"].copy()
    events[3] = events[3][:1]
    kept = read_stays(Split({**part.inputs, "events": events}, part.labels, part.sample_ids, part.subjects), INPUTS)
    assert len(kept) == 9
    assert kept.statics.shape == (9, 3)


def test_a_shortened_stay_keeps_what_was_known_by_then() -> None:
    stays = read_stays(_split(7, 30), INPUTS)
    times = shortening_times(stays, np.random.default_rng(0), earliest=1.0)
    last = np.array([rows[:, 0].max() for rows in stays.events])
    assert ((times <= last) | (times == 1.0)).all()
    for whole, short, time in zip(stays.events, stays.shortened(times).events, times, strict=True):
        assert len(short) == (whole[:, 0] <= time).sum()
