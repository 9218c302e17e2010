from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from salus.contracts.datasets import Split
from salus.data.digest import dataset_digest

IMAGES = np.arange(4 * 3 * 2, dtype=np.uint8).reshape(4, 3, 2, 1)


def part(**changes: object) -> Split:
    whole = Split(
        inputs={"image": IMAGES, "age": np.array([1.0, 2.0, np.nan, 4.0], np.float32)},
        labels=np.array([0, 1, 0, 1]),
        sample_ids=np.array(["a", "b", "c", "d"]),
        subjects=np.array(["p", "p", "q", "q"]),
        groups={"sex": np.array(["f", "f", "m", "m"])},
        attributes={"width": np.array([1.0, 2.0, 3.0, 4.0])},
    )
    return replace(whole, **changes)  # type: ignore[arg-type]  # the parameters name fields


def test_memory_layout_byte_order_and_kind_of_column_do_not_matter() -> None:
    ragged = np.empty(4, dtype=object)
    for index in range(4):
        ragged[index] = IMAGES[index]
    age = part().inputs["age"]
    reference = dataset_digest({"train": part()})

    assert dataset_digest({"train": part(inputs={"age": age, "image": np.asfortranarray(IMAGES)})}) == reference
    assert dataset_digest({"train": part(inputs={"image": ragged, "age": age.astype(">f4")})}) == reference
    assert dataset_digest({"train": part(attributes={})}) == reference


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": np.array([0, 1, 1, 0])},
        {"sample_ids": np.array(["a", "b", "c", "e"])},
        {"subjects": np.array(["p", "p", "q", "r"])},
        {"groups": {"sex": np.array(["f", "f", "m", "f"])}},
        {"groups": {}},
        {"inputs": {"image": IMAGES}},
        {"inputs": {"image": IMAGES + 1, "age": np.zeros(4, np.float32)}},
    ],
)
def test_content_labels_and_people_matter(changes: dict[str, object]) -> None:
    assert dataset_digest({"train": part(**changes)}) != dataset_digest({"train": part()})


def test_order_and_division_matter() -> None:
    whole = part()
    reference = dataset_digest({"train": whole, "validation": whole})

    assert dataset_digest({"train": whole.take(np.array([1, 0, 2, 3])), "validation": whole}) != reference
    assert dataset_digest({"validation": whole, "train": whole}) != reference
    assert dataset_digest({"train": whole}) != reference
