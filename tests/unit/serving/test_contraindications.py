import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from salus.contracts.batches import Array
from salus.contracts.errors import PackageRejected
from salus.contracts.treatment import Choice
from salus.serving.contraindications import find_contraindications, require_known_inputs, take_options_away
from salus.testing.kinds import TREATMENT, KindPredictor, make_kind_task


def _inputs(age: list[float], pregnant: list[float]) -> dict[str, Array]:
    return {"age": np.array(age, np.float32), "pregnant": np.array(pregnant, np.float32)}


def test_each_rule_takes_its_option_away_and_is_named() -> None:
    inputs = _inputs([50, 80, 50, np.nan, 0.5], [0, 0, 1, np.nan, 1])
    found = find_contraindications(TREATMENT, inputs, np.ones(5, np.bool_))
    assert found.names == (
        (),
        ("too_old",),
        ("pregnancy", "pregnancy_mild"),
        (),
        ("pregnancy", "pregnancy_mild", "infancy"),
    )
    assert found.taken.tolist() == [
        [False, False, False], [False, False, True], [False, True, True], [False, False, False], [True, True, True],
    ]  # fmt: skip


def test_no_rule_fires_on_a_sample_that_is_not_believed() -> None:
    found = find_contraindications(TREATMENT, _inputs([80], [0]), np.array([False]))
    assert found.names == ((),)
    assert not found.taken.any()


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [("<", [True, False, False]), ("<=", [True, True, False]), ("==", [False, True, False]),
     (">=", [False, True, True]), (">", [False, False, True])],
)  # fmt: skip
def test_values_are_compared_in_the_inputs_own_precision(comparison: str, expected: list[bool]) -> None:
    rule = msgspec.structs.replace(TREATMENT.rules[0], value=0.1, comparison=comparison)
    question = msgspec.structs.replace(TREATMENT, rules=(rule,))
    taken = find_contraindications(question, _inputs([0.05, 0.1, 0.2], [0, 0, 0]), np.ones(3, np.bool_)).taken
    assert taken[:, 2].tolist() == expected


def test_an_option_taken_away_has_no_answer_and_leaves_the_ranking() -> None:
    outputs = dict(KindPredictor("treatment").predict(_inputs([50, 50], [0, 0])))
    taken = np.array([[False, False, True], [False, False, False]])
    left = take_options_away(outputs, taken)
    assert np.isnan(left["outcome"][0].astype(float)).tolist() == [False, False, True]
    assert np.isnan(left["effect_interval"][0].astype(float)).tolist() == [[False] * 2, [False] * 2, [True] * 2]
    assert left["ranking"].tolist() == [[1, 0, -1], [2, 1, 0]]
    np.testing.assert_array_equal(left["propensity"], outputs["propensity"])
    assert outputs["ranking"].tolist() == [[2, 1, 0], [2, 1, 0]]
    assert not np.isnan(outputs["outcome"].astype(float)).any()


def test_without_the_reference_no_effect_is_told() -> None:
    outputs = KindPredictor("treatment").predict(_inputs([50], [0]))
    left = take_options_away(outputs, np.array([[True, False, False]]))
    assert np.isnan(left["effect"].astype(float)).all()
    assert np.isnan(left["outcome"].astype(float)).tolist() == [[True, False, False]]
    assert left["ranking"].tolist() == [[2, 1, -1]]


def test_the_last_option_is_still_ranked() -> None:
    outputs = KindPredictor("treatment").predict(_inputs([50], [1]))
    assert take_options_away(outputs, np.array([[False, True, True]]))["ranking"].tolist() == [[0, -1, -1]]


def _close_one_by_one(ranking: list[int], taken: list[bool]) -> list[int]:
    """The plain twin."""
    kept = [option for option in ranking if option >= 0 and not taken[option]]
    return kept + [-1] * (len(ranking) - len(kept))


@given(st.permutations(range(4)), st.lists(st.booleans(), min_size=4, max_size=4))
def test_ranks_close_as_in_the_plain_twin(ranking: list[int], taken: list[bool]) -> None:
    rows: NDArray[np.int64] = np.array([ranking])
    closed = take_options_away({"ranking": rows}, np.array([taken]))["ranking"]
    assert closed.tolist() == [_close_one_by_one(ranking, taken)]


def test_a_rule_about_something_that_is_no_input_is_refused() -> None:
    rule = msgspec.structs.replace(TREATMENT.rules[0], input="creatinine")
    question: Choice = msgspec.structs.replace(TREATMENT, rules=(rule,))
    signature = make_kind_task("treatment").signature
    require_known_inputs(TREATMENT, signature)
    with pytest.raises(PackageRejected, match="too_old"):
        require_known_inputs(question, signature)
