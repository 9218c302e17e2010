"""What goes into a package beside the model; means and groups have a plain twin here."""

import json
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from salus.contracts.classification import classification_outputs
from salus.contracts.datasets import Split
from salus.contracts.packs import TaskKit
from salus.contracts.tasks import Task
from salus.contracts.tensors import Signature, TensorSpec
from salus.contracts.text import LocalizedText
from salus.workflows.package_contents import (
    GROUP,
    MOST_ROWS,
    choose_example,
    summarise_training,
    write_answer,
    write_request,
)

TITLE = LocalizedText("x", "某")
CATEGORY = TensorSpec(
    name="ward", datatype="FP32", shape=(-1,), title=TITLE, content="category", categories=(TITLE, TITLE, TITLE)
)
IMAGE = TensorSpec(name="image", datatype="UINT8", shape=(-1, -1, -1, 1), title=TITLE, content="image")


def _split(inputs: dict[str, np.ndarray], labels: list[int]) -> Split:
    names = np.array([f"s{index}" for index in range(len(labels))])
    return Split(inputs=inputs, labels=np.array(labels, dtype=np.int64), sample_ids=names, subjects=names)


def _with_inputs(kit: TaskKit, *inputs: TensorSpec) -> TaskKit:
    import msgspec

    outputs = classification_outputs(kit.task.classes, evidence=False)
    return replace(kit, task=msgspec.structs.replace(kit.task, signature=Signature(inputs, outputs)))


def _told(probabilities: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    return {"probabilities": probabilities}


def _columns(rows: int, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {"dose": rng.normal(5, 2, rows).astype(np.float32), "weight": rng.normal(70, 9, rows).astype(np.float32)}


def test_the_example_of_a_table_is_the_mean_of_the_finding(toy_kit: TaskKit) -> None:
    train = _split({"dose": np.array([1, 2, np.nan, 6], np.float32), "weight": np.ones(4, np.float32)}, [0, 1, 1, 1])
    example = choose_example(toy_kit, train, train, _told(np.zeros((4, 2))))
    assert {name: column.tolist() for name, column in example.items()} == {"dose": [4.0], "weight": [1.0]}


def test_the_example_of_pictures_is_their_mean_at_the_middle_size(toy_kit: TaskKit) -> None:
    pictures = np.empty(3, dtype=object)
    pictures[:] = [np.full((size, size, 1), value, np.uint8) for size, value in ((2, 9), (4, 10), (4, 14))]
    example = choose_example(
        _with_inputs(toy_kit, IMAGE), _split({"image": pictures}, [0, 1, 1]), _split({"image": pictures}, [0, 1, 1]),
        _told(np.zeros((3, 2))),
    )  # fmt: skip
    assert example["image"].dtype == np.uint8
    assert np.array_equal(example["image"], np.full((1, 4, 4, 1), 12))


def test_the_example_of_open_data_is_the_surest_sample_of_the_finding(toy_kit: TaskKit) -> None:
    validation = _split(_columns(4), [1, 0, 1, 1])
    sure = np.array([[0.4, 0.6], [0.0, 1.0], [0.1, 0.9], [0.2, 0.8]])
    example = choose_example(replace(toy_kit, example="sample"), validation, validation, _told(sure))
    assert example["dose"].tolist() == validation.inputs["dose"][[2]].tolist()
    pictures = np.empty(2, dtype=object)
    pictures[:] = [np.zeros((2, 2, 1), np.uint8), np.ones((3, 3, 1), np.uint8)]
    ragged = _split({"image": pictures}, [0, 1])
    kit = replace(_with_inputs(toy_kit, IMAGE), example="sample")
    assert choose_example(kit, ragged, ragged, _told(sure[:2]))["image"].shape == (1, 3, 3, 1)


def test_no_background_row_is_of_fewer_than_five_people(toy_kit: TaskKit) -> None:
    for rows in (7, 60, 1200):
        train = _split(_columns(rows), [0, 1] * (rows // 2) + [0] * (rows % 2))
        reference = summarise_training(toy_kit.task, train, _told(np.full((3, 2), 0.5)))
        made = {len(column) for column in reference.background.values()}
        assert made == {max(1, min(MOST_ROWS, rows // GROUP))}
        own = set(np.round(train.inputs["dose"].astype(float), 6))
        background = [value for value in reference.background["dose"] if value is not None]
        assert not own & set(np.round(background, 6))
        assert np.average(background) == pytest.approx(train.inputs["dose"].mean(), rel=0.1)


def test_a_category_has_no_mean(toy_kit: TaskKit) -> None:
    columns = {**_columns(30), "ward": np.array([0, 2, 2, np.nan, 1] * 6, np.float32)}
    kit = _with_inputs(toy_kit, *toy_kit.task.signature.inputs, CATEGORY)
    train = _split(columns, [0, 1] * 15)
    reference = summarise_training(kit.task, train, _told(np.full((3, 2), 0.5)))
    assert set(reference.background["ward"]) <= {0.0, 1.0, 2.0}
    assert choose_example(kit, train, train, _told(np.zeros((30, 2))))["ward"].tolist() in ([0.0], [1.0], [2.0])


def test_histograms_count_every_value_and_what_is_missing(toy_kit: TaskKit) -> None:
    columns = {"dose": np.array([1, 1, np.nan, 1, 1, 1], np.float32), "weight": np.full(6, np.nan, np.float32)}
    columns["weight"][0] = 3
    probabilities = np.array([[0.0, 1.0], [0.25, 0.75]])
    reference = summarise_training(toy_kit.task, _split(columns, [0, 1] * 3), _told(probabilities))
    dose = reference.inputs["dose"]
    assert (sum(dose.counts), dose.missing, dose.edges[0], dose.edges[-1]) == (5, 1, 1.0, 2.0)
    assert reference.inputs["weight"].missing == 5
    for histogram in reference.outputs.values():
        assert (histogram.edges[0], histogram.edges[-1], sum(histogram.counts)) == (0.0, 1.0, 2)


def test_pictures_are_summed_up_by_mean_and_spread_and_leave_no_row(toy_kit: TaskKit) -> None:
    pictures = np.empty(2, dtype=object)
    pictures[:] = [np.zeros((2, 2, 1), np.uint8), np.full((3, 5, 1), 200, np.uint8)]
    kit = _with_inputs(toy_kit, IMAGE)
    reference = summarise_training(kit.task, _split({"image": pictures}, [0, 1]), _told(np.full((2, 2), 0.5)))
    assert reference.background == {}
    assert set(reference.inputs) == {"image.mean", "image.std"}
    assert reference.inputs["image.mean"].edges[-1] == 200.0


def test_request_and_answer_are_plain_json_without_nan(toy_kit: TaskKit) -> None:
    task: Task = toy_kit.task
    body = write_request({"dose": np.array([np.nan], np.float32), "weight": np.array([2], np.float32)}, task)
    assert json.loads(json.dumps(body, allow_nan=False))["inputs"][0]["data"] == [None]
    answer = write_answer({"decision": np.array([1]), "evidence": np.zeros((1, 2, 1, 1))}, task)
    assert answer["outputs"] == [{"name": "decision", "shape": [1], "datatype": "INT64", "data": [1]}]
