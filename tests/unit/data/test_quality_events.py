"""The quality checks look into observations too."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salus.contracts.classification import Classification, ClassLabel, classification_outputs
from salus.contracts.datasets import Dataset, DatasetSource, Split
from salus.contracts.tasks import Task
from salus.contracts.tensors import Signature, TensorSpec, Variable
from salus.contracts.text import LocalizedText
from salus.data.quality.checking import check_dataset

TEXT = LocalizedText("x", "某")
CLASSES = (ClassLabel(name="no", title=TEXT), ClassLabel(name="yes", title=TEXT))
EVENTS = TensorSpec(
    name="events",
    datatype="FP32",
    shape=(-1, -1, 3),
    title=TEXT,
    content="events",
    unit="h",
    valid_range=(0.0, 10.0),
    missing="abstain",
    fewest=3,
    variables=(Variable(name="HR", title=TEXT, unit="/min", valid_range=(20.0, 250.0)),),
)
AGE = TensorSpec(name="age", datatype="FP32", shape=(-1,), title=TEXT, content="scalar", missing="model")
TASK = Task(
    name="t",
    title=TEXT,
    question=Classification(classes=CLASSES),
    signature=Signature(inputs=(AGE, EVENTS), outputs=classification_outputs(CLASSES, evidence=False)),
    intended_use=TEXT,
    limits=TEXT,
)


def _part(seed: int, count: int = 40) -> tuple[NDArray[np.object_], Split]:
    rng = np.random.default_rng(seed)
    events = np.empty(count, dtype=object)
    for index in range(count):
        length = int(rng.integers(5, 9))
        rows = np.stack([rng.uniform(0, 10, length), np.zeros(length), rng.normal(80, 9, length)], 1)
        events[index] = rows.astype(np.float32)
    names = np.array([f"{seed}-{index}" for index in range(count)])
    labels = np.arange(count, dtype=np.int64) % 2
    return events, Split({"age": np.full(count, 50, np.float32), "events": events}, labels, names, names)


def _found(train: Split, validation: Split) -> dict[str, list[tuple[str, int]]]:
    source = DatasetSource(name="d", title=TEXT, url="", licence="", citation="")
    report = check_dataset(Dataset(source, "0" * 64, train, validation), task=TASK)
    found: dict[str, list[tuple[str, int]]] = {}
    for item in report.findings:
        found.setdefault(item.check, []).append((item.message.en, item.count))
    return found


def test_ordinary_observations_raise_nothing() -> None:
    assert _found(_part(1)[1], _part(2)[1]) == {}


def test_the_same_observations_in_another_order_are_the_same_sample() -> None:
    events, train = _part(1)
    others, validation = _part(2)
    others[3] = np.concatenate([events[5][::-1], np.full((2, 3), np.nan, np.float32)])
    events[7] = events[5].copy()
    found = _found(train, validation)
    assert found["leak.exact_duplicate"][0][1] == 1
    assert found["duplicate.exact"][0][1] == 1


def test_too_few_observations_count_as_missing() -> None:
    events, train = _part(1)
    events[2] = events[2][:2]
    events[4] = np.full((6, 3), np.nan, np.float32)
    (message, count), *_ = _found(train, _part(2)[1])["missing_values"]
    assert count == 2
    assert message.startswith("events is missing in 2 of 40")


def test_values_and_times_outside_their_ranges_are_named_by_variable() -> None:
    events, train = _part(1)
    events[0][0, 2] = 900.0
    events[1][0, 0] = 11.0
    told = {message for message, _ in _found(train, _part(2)[1])["out_of_range"]}
    assert told == {
        "events: HR lies outside 20 to 250 /min in 1 samples of train.",
        "events: time lies outside 0 to 10 h in 1 samples of train.",
    }


def test_how_often_somebody_was_observed_may_tell_the_label() -> None:
    parts = []
    for seed in (1, 2):
        events, part = _part(seed, count=120)
        for index in np.flatnonzero(part.labels == 1):
            events[index] = np.concatenate([events[index]] * 3)
        parts.append(part)
    assert any("observation_count" in message for message, _ in _found(*parts)["shortcut.sampling"])
