from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from salus.contracts.errors import InvalidInput
from salus.contracts.tensors import TensorSpec
from salus.contracts.text import LocalizedText
from salus.data.outcome_tables import read_outcome_table
from salus.data.own_data import FRACTIONS, divide_own

AGE = TensorSpec(
    name="age", datatype="FP32", shape=(-1,), title=LocalizedText("age", "年龄"), content="scalar", unit="a"
)
TARGETS = {"time": "months"}


def _table(folder: Path, *lines: str) -> Path:
    path = folder / "table.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_row_has_its_inputs_its_event_and_its_time(tmp_path: Path) -> None:
    path = _table(tmp_path, "age,event,months [mo],patient,group.sex", "61,1,4.5,p1,F", ",0,60,p1,F", "44,1,12,p2,M")
    split = read_outcome_table(path, (AGE,), label="event", targets=TARGETS)
    assert split.labels.tolist() == [1, 0, 1]
    assert split.targets["time"].tolist() == [4.5, 60.0, 12.0]
    assert np.isnan(split.inputs["age"][1].astype(np.float64))
    assert split.subjects.tolist() == ["p1", "p1", "p2"]
    assert split.groups["sex"].tolist() == ["F", "F", "M"]
    assert len(set(split.sample_ids.tolist())) == 3


def test_an_option_may_be_written_in_words(tmp_path: Path) -> None:
    options = (LocalizedText("none", "无"), LocalizedText("tamoxifen", "他莫昔芬"))
    path = _table(tmp_path, "age,given,months", "61,tamoxifen,4", "50,无,5", "44,1,12")
    split = read_outcome_table(path, (AGE,), label="given", targets=TARGETS, labels=options)
    assert split.labels.tolist() == [1, 0, 1]


def test_without_a_label_column_every_label_is_nought(tmp_path: Path) -> None:
    path = _table(tmp_path, "age,months", "61,4", "50,5")
    assert read_outcome_table(path, (AGE,), label=None, targets=TARGETS).labels.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (("age,event,months", "61,1,"), "a number in every row"),
        (("age,event,months", "61,,3"), "a number in every row"),
        (("age,event,months", "61,0.5,3"), "whole numbers"),
        (("age,event,months", "61,-1,3"), "whole numbers"),
        (("age,event,months", "61,1,soon"), "numbers in the column"),
        (("age,event", "61,1"), "a column 'months'"),
        (("event,months", "1,3"), "a column 'age'"),
    ],
)
def test_an_outcome_that_is_not_known_is_refused_and_never_quoted(
    tmp_path: Path, lines: tuple[str, ...], found: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_outcome_table(_table(tmp_path, *lines), (AGE,), label="event", targets=TARGETS)
    assert found in caught.value.expected
    assert "soon" not in str(caught.value)


def test_own_data_are_divided_by_person_and_keep_their_targets(tmp_path: Path) -> None:
    rows = [f"{30 + row},{row % 2},{row + 1},p{row // 2}" for row in range(60)]
    path = _table(tmp_path, "age,event,months,patient", *rows)
    dataset = divide_own(read_outcome_table(path, (AGE,), label="event", targets=TARGETS), name="clinic", seed=3)
    parts = dataset.parts()
    people = [set(part.subjects.tolist()) for part in parts.values()]
    assert sum(len(part) for part in parts.values()) == 60
    assert sum(len(each) for each in people) == len(set.union(*people)) == 30
    assert set(FRACTIONS) == set(parts)
    for part in parts.values():
        assert np.array_equal(part.targets["time"] - 1, part.inputs["age"].astype(np.float64) - 30)
    assert dataset.source.name == "clinic"
