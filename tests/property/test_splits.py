from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from salus.data.splitting import split_by_subject


@st.composite
def samples(draw: st.DrawFn) -> tuple[NDArray[np.str_], NDArray[np.int64], dict[str, float]]:
    parts = draw(st.integers(1, 4))
    weights = np.array(draw(st.lists(st.integers(1, 9), min_size=parts, max_size=parts)), dtype=float)
    count = draw(st.integers(parts, 60))
    people = draw(st.lists(st.integers(0, 15), min_size=count, max_size=count))
    for index in range(parts):
        people[index] = index
    labels = draw(st.lists(st.integers(0, 2), min_size=count, max_size=count))
    fractions = {f"part{index}": float(weight) for index, weight in enumerate(weights / weights.sum())}
    return np.array([f"p{person}" for person in people]), np.array(labels, dtype=np.int64), fractions


@given(samples(), st.integers(0, 2**32))
def test_nobody_stands_on_two_sides_and_every_sample_on_one(
    drawn: tuple[NDArray[np.str_], NDArray[np.int64], dict[str, float]], seed: int
) -> None:
    subjects, labels, fractions = drawn

    parts = split_by_subject(subjects, labels, fractions=fractions, seed=seed)

    people = [set(subjects[indices]) for indices in parts.values()]
    assert sum(len(each) for each in people) == len(set.union(*people))
    assert sorted(np.concatenate(list(parts.values())).tolist()) == list(range(len(subjects)))
    assert min(len(each) for each in people) >= 1
    assert list(parts) == list(fractions)


@given(samples(), st.integers(0, 2**32))
def test_the_same_seed_gives_the_same_division(
    drawn: tuple[NDArray[np.str_], NDArray[np.int64], dict[str, float]], seed: int
) -> None:
    subjects, labels, fractions = drawn

    first = split_by_subject(subjects, labels, fractions=fractions, seed=seed)
    second = split_by_subject(subjects.copy(), labels.copy(), fractions=fractions, seed=seed)

    assert all(np.array_equal(first[part], second[part]) for part in fractions)
