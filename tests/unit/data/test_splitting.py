from __future__ import annotations

import numpy as np
import pytest

from salus.contracts.errors import InvalidInput
from salus.data.splitting import split_by_subject

FRACTIONS = {"train": 0.6, "validation": 0.2, "test": 0.2}


def test_single_samples_are_stratified_to_within_two() -> None:
    labels = np.array([0] * 357 + [1] * 212)

    parts = split_by_subject(np.arange(569).astype(str), labels, fractions=FRACTIONS, seed=3)

    for part, share in FRACTIONS.items():
        for wanted in (0, 1):
            count = int((labels[parts[part]] == wanted).sum())
            assert abs(count - share * (labels == wanted).sum()) < 2


def test_another_seed_gives_another_division() -> None:
    subjects, labels = np.arange(50).astype(str), np.arange(50) % 2

    first = split_by_subject(subjects, labels, fractions=FRACTIONS, seed=1)
    second = split_by_subject(subjects, labels, fractions=FRACTIONS, seed=2)

    assert not np.array_equal(first["test"], second["test"])


def test_no_part_is_empty_even_where_one_subject_has_nearly_everything() -> None:
    subjects = np.array(["a"] * 97 + ["b", "c", "d"])

    parts = split_by_subject(subjects, np.zeros(100, np.int64), fractions=FRACTIONS, seed=0)

    assert min(len(part) for part in parts.values()) >= 1


def test_fewer_subjects_than_parts_cannot_be_divided() -> None:
    with pytest.raises(InvalidInput, match="at least 3 subjects"):
        split_by_subject(np.array(["a", "b"]), np.zeros(2, np.int64), fractions=FRACTIONS, seed=0)


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(InvalidInput, match="one subject and one label"):
        split_by_subject(np.array(["a", "b"]), np.zeros(3, np.int64), fractions=FRACTIONS, seed=0)


@pytest.mark.parametrize("fractions", [{}, {"a": 0.5}, {"a": 1.5, "b": -0.5}])
def test_fractions_that_do_not_make_a_whole_are_refused(fractions: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="sum to 1"):
        split_by_subject(np.array(["a", "b"]), np.zeros(2, np.int64), fractions=fractions, seed=0)
